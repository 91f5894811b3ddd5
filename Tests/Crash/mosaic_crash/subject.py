"""One run that is killed, taken up again, and held against an undisturbed one."""
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from .journal import Journal
from .world import FAULTS, World, Worlds

FINISHED, REFUSED = 0, 3
PATIENCE = 60.0  # seconds after which a process counts as stuck
MODES = ("before", "after", "lost", "torn")
MADE = ["left-copy", "left-extra", "right-copy", "right-extra"]
MARKED = ["left-copy/marks/first", "left-copy/marks/second", "right-copy/marks/first",
          "right-copy/marks/second"]


@dataclass(frozen=True)
class AtSync:
    """Around the Nth sync of a process."""
    number: int
    mode: str

    def __str__(self) -> str:
        return f"{self.mode} sync {self.number}"


@dataclass(frozen=True)
class AtMoment:
    """So many seconds after a process began."""
    seconds: float

    def __str__(self) -> str:
        return f"after {self.seconds:.3f} s"


Kill = AtSync | AtMoment


@dataclass
class Case:
    """What is done to a run."""
    name: str
    kills: list[Kill]
    cancels: bool = False
    fights: bool = False


@dataclass
class Result:
    case: Case
    kills: int = 0
    processes: int = 0
    refused: int = 0
    violations: dict[str, list[str]] = field(default_factory=dict)

    def violate(self, kind: str, text: str) -> None:
        self.violations.setdefault(kind, []).append(text)


class Stuck(Exception):
    pass


class Bench:
    """What all runs share: the program, the library that kills it, and the worlds."""

    def __init__(self, program: Path, library: Path) -> None:
        self.program, self.library, self.worlds = program, library, Worlds()
        self.ends: dict[str, tuple[str, object]] = {}

    def undisturbed(self) -> tuple[int, float]:
        """The run that every other has to end like: how many syncs it makes, and how long it takes."""
        self.ends = {}
        began = time.monotonic()
        run = Run(self, Case("undisturbed", []))
        try:
            run.go()
            length = time.monotonic() - began
            self.ends = run.journal.steps
            run.judge()
            if run.result.violations:
                raise SystemExit(f"crash-test: the undisturbed run is wrong: {run.result.violations}")
            return (run.folder / "syncs").stat().st_size, length
        finally:
            run.clear()

    def do(self, case: Case, keep: Path | None = None) -> Result:
        run = Run(self, case)
        try:
            if case.fights:
                run.fight()
            run.go()
            run.judge()
        except Stuck as stuck:
            run.result.violate("stuck", str(stuck))
        finally:
            run.clear(keep if run.result.violations else None)
        return run.result


class Run:
    def __init__(self, bench: Bench, case: Case) -> None:
        self.bench, self.case, self.result = bench, case, Result(case)
        self.place = tempfile.TemporaryDirectory(prefix="crash-")
        self.folder = Path(self.place.name)
        self.world, self.address = bench.worlds.make()
        self.processes: list[subprocess.Popen] = []

    def clear(self, keep: Path | None = None) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-r", self.folder, keep / self.case.name.replace(":", "-")], check=True)
        self.place.cleanup()

    def start(self, kill: Kill | None = None, counted: bool = False) -> subprocess.Popen:
        environment = os.environ | {"LD_PRELOAD": str(self.bench.library)}
        if isinstance(kill, AtSync):
            environment |= {"KILL_AT": str(kill.number), "KILL_WHEN": kill.mode}
        if counted:
            environment["COUNT_SYNCS"] = str(self.folder / "syncs")
        words = [self.bench.program, self.folder / "state", self.address]
        process = subprocess.Popen(
            words + ["cancel"] * self.case.cancels, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.processes.append(process)
        self.result.processes += 1
        if isinstance(kill, AtMoment):
            timer = threading.Timer(kill.seconds, process.kill)
            timer.daemon = True
            timer.start()
        return process

    def end(self, process: subprocess.Popen) -> tuple[int, str]:
        try:
            output = process.communicate(timeout=PATIENCE)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise Stuck(f"no end after {PATIENCE:.0f} s") from None
        if process.returncode == -signal.SIGKILL:
            self.result.kills += 1
            self.world.drain()
        return process.returncode, output

    def go(self) -> None:
        """Kills it as often as the case says, then lets it come to its end."""
        for kill in self.case.kills:
            code, output = self.end(self.start(kill))
            if code == FINISHED:
                return
            if code != -signal.SIGKILL:
                self.result.violate("wrong-ends", f"ended with {code}: {output}")
                return
        code, output = self.end(self.start(counted=not self.case.kills))
        if code != FINISHED:
            self.result.violate("wrong-ends", f"ended with {code}: {output}")

    def fight(self) -> None:
        """A second process wants the run while a first has it, and two want it when that is gone."""
        dice = random.Random(self.case.name)
        first = self.start()
        while not (self.folder / "state" / "journal.sqlite-wal").exists() or not self.has_begun():
            if first.poll() is not None:
                raise Stuck("the first process ended before its run began")
        second = self.start()
        code, output = self.end(second)
        if first.poll() is None and (code != REFUSED or f"process {first.pid}," not in output):
            self.result.violate("wrong-ends", f"a second process was not refused: {code}: {output}")
        self.result.refused += code == REFUSED
        time.sleep(dice.uniform(0, 0.3))
        first.kill()
        self.end(first)
        pair = [self.start(), self.start()]
        codes = [self.end(process) for process in pair]
        self.result.refused += sum(code == REFUSED for code, _ in codes)
        if not all(code in (FINISHED, REFUSED) for code, _ in codes) or all(c == REFUSED for c, _ in codes):
            self.result.violate("wrong-ends", f"of two, not one went on: {codes}")

    def has_begun(self) -> bool:
        try:
            return bool(Journal(self.folder / "state").rows)
        except Exception:  # it is just being made
            return False

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "state")

    def judge(self) -> None:
        journal, result = self.journal, self.result
        if problem := journal.break_in_chain():
            result.violate("broken-chains", problem)
        if left := self.world.left():
            result.violate("leftovers", ", ".join(left))
        self.judge_calls()
        if not journal.is_finished or journal.counts["run.finished", None] != 1:
            result.violate("wrong-ends", "the run has not ended, or more than once")
        for record in journal.records:
            step = record["id"]
            ends = sum(journal.counts[type, step] for type in
                       ("step.succeeded", "step.failed", "step.skipped", "step.cancelled"))
            if ends != 1:
                result.violate("wrong-ends", f"step {step} ended {ends} times")
            if journal.counts["effect.intended", step] > 1 or journal.counts["effect.confirmed", step] > 1:
                result.violate("wrong-ends", f"step {step} intended or confirmed more than once")
            if record["kind"] == "test.mark":
                intended = journal.counts["effect.intended", step]
                for note in ("finding", "note.moment"):
                    if journal.counts[note, step] != intended:
                        result.violate("wrong-ends", f"{step}: {note} {journal.counts[note, step]} times")
            if record["phase"] == "cleanup" and journal.steps.get(step, [""])[0] != "succeeded":
                result.violate("wrong-ends", f"{step} did not succeed: {journal.steps.get(step)}")
        for moment in ("incident", "declared", "first_action"):
            if journal.counts["moment", moment] != 1:
                result.violate("wrong-ends", f"moment {moment}: {journal.counts['moment', moment]} times")
        # A person who was told that the request is noted has asked; another has yet to see a reason to.
        # Asked after the last step, a request is noted as too late, or stands there still.
        answered = journal.is_cancelled or "cancel" in journal.late_requests
        if (self.folder / "state" / "asked-cancel").exists() and not answered:
            result.violate("wrong-ends", "the request to cancel was lost")
        if journal.is_cancelled:
            if not self.case.cancels:
                result.violate("wrong-ends", "cancelled, and nobody asked for it")
        elif journal.steps != (self.bench.ends or journal.steps):
            wrong = {step for step, end in self.bench.ends.items() if journal.steps.get(step) != end}
            result.violate("wrong-ends", "; ".join(
                f"{step} {journal.steps.get(step)} instead of {self.bench.ends[step]}" for step in sorted(wrong)))

    def judge_calls(self) -> None:
        world: World = self.world
        for name in MADE + MARKED:
            what = f"POST things/{name}"
            least = 0 if self.case.cancels else 1
            if not least <= world.effects[what] <= 1:
                self.result.violate("repeated-effects", f"{what} took effect {world.effects[what]} times")
            # Where the effect shows at once, looking first makes even a refused second call needless.
            shows = not FAULTS.get(what, {}).keys() & {"late", "slow"}
            if shows and world.calls[what] > 1:
                self.result.violate("repeated-calls", f"{what} was called {world.calls[what]} times")
