"""Kills runs at every sync of their journal and at random moments, takes them up again, and holds them
against one that nobody disturbed."""
import argparse
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .campaign import KINDS, Campaign, cases
from .drills import Drill, places
from .subject import Bench


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/crash-test", description=__doc__)
    parser.add_argument("--subject", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--program", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--library", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="every place, 500 random moments, every sync of a drill")
    parser.add_argument("--random", type=int, help="how many random moments")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--only", action="append", help="one case by its name; may be repeated")
    parser.add_argument("--jobs", type=int, default=4, help="how many at once")
    parser.add_argument("--keep", type=Path, help="a folder for the journals of runs with violations")
    parser.add_argument("--drills", choices=["with", "without", "alone"], default="with")
    options = parser.parse_args()
    print(f"crash-test: seed={options.seed}", flush=True)
    began = time.monotonic()
    holds, words = True, []
    if options.drills != "alone":
        campaign = subject(options)
        holds, words = not campaign.violations, [campaign.words]
    if options.drills != "without" and (not options.only or any(o.startswith("drill") for o in options.only)):
        found = drills(options)
        holds, words = holds and found["problems"] == 0, words + [" ".join(f"{k}={v}" for k, v in found.items())]
    print("crash-test: " + "; drills: ".join(words) + f"; seed={options.seed} seconds={time.monotonic() - began:.0f}")
    sys.exit(0 if holds else 1)


def subject(options) -> Campaign:
    bench = Bench(options.subject, options.library)
    # The first start also loads everything into memory.
    bench.undisturbed()
    syncs, length = bench.undisturbed()
    print(f"undisturbed: {syncs} syncs, {len(bench.ends)} steps, {length:.2f} s", flush=True)
    moments = options.random if options.random is not None else 500 if options.full else 30
    chosen = cases(syncs, length, options.seed, moments, every=1 if options.full or options.only else 11)
    if options.only:
        chosen = [case for case in chosen if case.name in options.only]
    campaign = Campaign(bench, options.seed, options.keep)
    campaign.run(chosen, options.jobs)
    return campaign


def drills(options) -> dict[str, int]:
    drill = Drill(options.program, options.library, "drill:undisturbed", []).go()
    print(f"drill: {drill.syncs} syncs", flush=True)
    chosen = places(drill.syncs, not options.full and not options.only, random.Random(options.seed))
    named = [Drill(options.program, options.library, f"drill:{number}", kills)
             for number, kills in enumerate(chosen)]
    if options.only:
        named = [drill for drill in named if drill.name in options.only]
    kinds: Counter = Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        done = [drill]
        for finished in pool.map(Drill.go, named):
            done.append(finished)
            if len(done) % 10 == 0:
                print(f"{len(done)} of {len(named) + 1} drills", flush=True)
    for drill in done:
        kinds.update({problem.split(":")[0] for problem in drill.problems})
        for problem in drill.problems:
            print(f"VIOLATION {problem}\n  in {drill.name}, killed at {drill.kills}; again with: "
                  f"scripts/crash-test --seed {options.seed} --only {drill.name} --drills alone",
                  file=sys.stderr, flush=True)
    return {"runs": len(done), "kills": sum(drill.killed for drill in done),
            **{kind: kinds[kind] for kind in KINDS}, "problems": sum(len(drill.problems) for drill in done)}


if __name__ == "__main__":
    main()
