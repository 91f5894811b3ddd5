"""Which runs are killed where, and what came of all of them."""
import random
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .subject import MODES, AtMoment, AtSync, Bench, Case, Result

KINDS = ("repeated-effects", "repeated-calls", "leftovers", "broken-chains", "wrong-ends", "stuck")


def cases(syncs: int, length: float, seed: int, moments: int, every: int) -> list[Case]:
    """All of them, by name; `every` leaves only each so-manieth of the places, but not of the kinds."""
    dice = random.Random(seed)
    places = [(number, mode) for number in range(1, syncs + 1) for mode in MODES]
    found = [Case(f"sync:{number}:{mode}", [AtSync(number, mode)]) for number, mode in places]
    # The second time while it is being taken up again; a third time now and then.
    for number in range(1, syncs + 1):
        kills = [AtSync(dice.randint(1, syncs), dice.choice(MODES)) for _ in range(dice.choice((1, 1, 2)))]
        found.append(Case(f"again:{number}", [AtSync(number, dice.choice(MODES)), *kills]))
        found.append(Case(f"cancel:{number}", [AtSync(number, dice.choice(MODES))], cancels=True))
    # Five different places in a row, each of another kind, when only every fifth is wanted.
    found = [case for place, case in enumerate(found) if (place + place // every) % every == 0]
    for number in range(moments):
        kills = [AtMoment(dice.uniform(0, 1.1 * length)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
        found.append(Case(f"random:{number}", kills, cancels=dice.random() < 0.1))
    fights = max(4, moments // 10)
    return found + [Case(f"fight:{number}", [], fights=True) for number in range(fights)]


class Campaign:
    def __init__(self, bench: Bench, seed: int, keep: Path | None) -> None:
        self.bench, self.seed, self.keep = bench, seed, keep
        self.totals: Counter = Counter()
        self.violations: Counter = Counter()
        self.lock = threading.Lock()

    def run(self, cases: list[Case], jobs: int) -> bool:
        """Whether everything held."""
        with ThreadPoolExecutor(jobs) as pool:
            pending = [pool.submit(self.bench.do, case, self.keep) for case in cases]
            for done, future in enumerate(as_completed(pending), 1):
                self.note(future.result())
                if done % 100 == 0 or done == len(cases):
                    print(f"{done} of {len(cases)}: {self.totals['kills']} kills, "
                          f"{sum(self.violations.values())} violations", flush=True)
        return not self.violations

    def note(self, result: Result) -> None:
        self.totals.update(runs=1, kills=result.kills, processes=result.processes, refused=result.refused)
        for kind, texts in result.violations.items():
            self.violations[kind] += 1
            kills = ", then ".join(map(str, result.case.kills))
            print(f"VIOLATION {kind} in {result.case.name} ({kills}): {'; '.join(texts)}\n"
                  f"  again with: scripts/crash-test --seed {self.seed} --only {result.case.name}",
                  file=sys.stderr, flush=True)

    @property
    def words(self) -> str:
        counts = " ".join(f"{kind}={self.violations[kind]}" for kind in KINDS)
        return (f"runs={self.totals['runs']} kills={self.totals['kills']} "
                f"processes={self.totals['processes']} refused={self.totals['refused']} {counts}")
