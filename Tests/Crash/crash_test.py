"""Kills a run at every commit and at random moments, resumes it, and holds it against one that
nobody disturbed."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from server import Server, World

HERE = Path(__file__).parent
LONGEST = 60


class Violation(Exception):
    pass


class Trial:
    """One run in a folder of its own, killed some times and then brought to its end."""

    def __init__(self, subject: Path, library: Path, server: Server, seed: int):
        self.subject, self.library, self.server = subject, library, server
        self.folder = Path(tempfile.mkdtemp(prefix="crash-"))
        server.world = self.world = World(seed)
        self.starts = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, **variables) -> subprocess.Popen:
        self.starts += 1
        environment = os.environ | {k: str(v) for k, v in variables.items()}
        if variables:
            environment["LD_PRELOAD"] = str(self.library)
        return subprocess.Popen([self.subject, "go", self.folder / "state", self.server.url],
                                env=environment, stderr=subprocess.PIPE, text=True)

    def call(self, *words) -> str:
        done = subprocess.run([self.subject, words[0], self.folder / "state", *words[1:]],
                              capture_output=True, text=True, timeout=LONGEST)
        if done.returncode:
            raise Violation(f"{words[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def finish(self) -> dict:
        """Goes on until the run has ended; each time like an operator who types 'resume'."""
        process = self.start()
        self.approve()
        errors = process.communicate(timeout=LONGEST)[1]
        if process.returncode:
            raise Violation(f"resuming failed ({process.returncode}): {errors.strip()}")
        return json.loads(self.call("state"))

    def approve(self) -> None:
        """Asks until there is a run to approve; a killed request is made again."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            done = subprocess.run([self.subject, "approve", self.folder / "state"],
                                  capture_output=True, text=True, timeout=LONGEST)
            if not done.returncode:
                return
            time.sleep(0.01)
        raise Violation(f"approve failed: {done.stderr.strip()}")

    def check(self, state: dict, undisturbed: dict | None) -> None:
        if undisturbed and state["steps"] != undisturbed["steps"]:
            different = {k: v for k, v in state["steps"].items() if undisturbed["steps"].get(k) != v}
            raise Violation(f"another end than undisturbed: {different}")
        if not state["finished"] or state["leftovers"]:
            raise Violation(f"not finished, or something left over: {state}")
        if bad := {k: n for k, n in self.world.made.items() if n != 1}:
            raise Violation(f"made not exactly once: {bad}")
        if self.world.things:
            raise Violation(f"left behind: {sorted(self.world.things)}")


class CrashTest:
    def __init__(self, options):
        self.options, self.random = options, random.Random(options.seed)
        self.server = Server()
        self.folder = Path(tempfile.mkdtemp(prefix="crash-test-"))
        self.library = self.folder / "kill_at_sync.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.library,
                        HERE / "kill_at_sync.c", "-ldl"], check=True)
        self.kills = self.starts = self.refused = 0

    def trial(self, seed: int) -> Trial:
        return Trial(self.options.subject, self.library, self.server, seed)

    def run(self) -> None:
        with self.trial(1) as trial:
            counted = trial.folder / "count"
            began = time.monotonic()
            process = trial.start(COUNT_SYNCS=counted)
            trial.approve()
            process.communicate(timeout=LONGEST)
            length = time.monotonic() - began
            self.undisturbed = json.loads(trial.call("state"))
            trial.check(self.undisturbed, None)
            syncs = int(counted.read_text())
        print(f"undisturbed: {syncs} commits, {self.undisturbed['events']} events, {length:.2f} s")
        self.two_executors()
        places = [(n, when) for n in range(1, syncs + 1) for when in ("before", "after")]
        for number, (n, when) in enumerate(places[::self.options.every]):
            self.killed(number, f"commit {n} {when}", KILL_AT=n, KILL_WHEN=when)
        for number in range(self.options.random):
            moments = [self.random.random() * length * 1.1 for _ in range(self.random.choice([1, 1, 2, 3]))]
            self.killed(10_000 + number, f"moments {[round(m, 4) for m in moments]}", moments=moments)

    def killed(self, seed: int, what: str, moments=(), **variables) -> None:
        seed += self.options.seed * 100_000
        with self.trial(seed) as trial:
            try:
                if variables:
                    process = trial.start(**variables)
                    self.approve_early(trial)
                    process.communicate(timeout=LONGEST)
                    self.kills += process.returncode == -signal.SIGKILL
                for moment in moments:
                    process = trial.start()
                    if self.random.random() < 0.5:
                        self.approve_early(trial)
                    time.sleep(moment)
                    process.kill()
                    process.communicate()
                    self.kills += process.returncode == -signal.SIGKILL
                trial.check(trial.finish(), self.undisturbed)
                self.refused += sum(trial.world.refused.values())
            except (Violation, subprocess.TimeoutExpired) as problem:
                print(f"VIOLATION at {what} (seed {self.options.seed}, trial {seed}): {problem}")
                kept = shutil.copytree(trial.folder, self.folder / f"kept-{seed}")
                print(f"the journal is kept in {kept}")
                sys.exit(1)
            finally:
                self.starts += trial.starts

    def approve_early(self, trial: Trial) -> None:
        """The run may not be there yet, and may be killed meanwhile: then it is approved later."""
        time.sleep(0.02)
        subprocess.run([trial.subject, "approve", trial.folder / "state"], capture_output=True,
                       timeout=LONGEST)

    def two_executors(self) -> None:
        """The second is refused, and told who holds the run."""
        with self.trial(2) as trial:
            first = trial.start()
            for _ in range(200):
                time.sleep(0.02)
                second = subprocess.run(
                    [trial.subject, "go", trial.folder / "state", self.server.url],
                    capture_output=True, text=True, timeout=LONGEST)
                if second.returncode:
                    break
            if "being executed already" not in second.stderr or str(first.pid) not in second.stderr:
                first.kill()
                raise Violation(f"a second executor was not refused: {second.stderr}")
            trial.approve()
            first.communicate(timeout=LONGEST)
            trial.check(json.loads(trial.call("state")), self.undisturbed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", type=Path)
    parser.add_argument("--random", type=int, default=500, help="kills at random moments")
    parser.add_argument("--every", type=int, default=1, help="every Nth commit only")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    test = CrashTest(options)
    began = time.monotonic()
    test.run()
    shutil.rmtree(test.folder)
    print(f"crash-test: kills={test.kills} starts={test.starts} repeated-effects=0 leftovers=0 "
          f"broken-chains=0 refused-duplicates={test.refused} seconds={time.monotonic() - began:.0f}")


if __name__ == "__main__":
    main()
