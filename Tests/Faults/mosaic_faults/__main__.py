"""Drills in bad weather: a proxy between them and the lab throttles, fails, resets and cuts calls. Each must
pass, or fail over that and nothing else; nothing may be made twice, nothing may be left."""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mosaic_crash.campaign import KINDS
from mosaic_crash.drills import RESTORES, ROOT, Drill
from mosaic_crash.journal import Journal

# The ways back, and the calls that make what each drill is about. A job of AWS Backup does not show its name.
REPLICA, CLUSTER = ("CreateDBInstanceReadReplica",), ("RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
WAYS = {"rds-prod": RESTORES, "rds-aws-backup": (), "rds-replica": REPLICA, "aurora-snapshot": CLUSTER,
        "rds-snapshot": RESTORES, "rds-snapshot-copy": RESTORES, "rds-failover": RESTORES,
        "aurora-point-in-time": CLUSTER}
SHORT = 3

# What a call that met the weather is reported with.
WEATHER = re.compile(
    r"Throttling|RequestLimitExceeded|ExpiredToken|InternalFailure|ServiceUnavailable|HTTP 502|: (Empty reply|Server returned"
    r" nothing|Failure when receiving|Failed sending|Transferred a partial file)|XML|JSON", re.IGNORECASE)
NOT_READY, RUN_FAILED = 7, 4


@dataclass
class Storm(Drill):
    """A drill behind a proxy of its own."""
    seed: str = ""
    end: str = "stuck"
    calls: Counter | None = None

    def play(self) -> None:
        log, port = self.folder / "calls", self.folder / "port"
        environment = os.environ | {"MOSAIC_WEATHER": json.dumps(
            {"seed": self.seed, "port": str(port), "log": str(log)})}
        proxy = subprocess.Popen(
            [Path(sys.executable).parent / "mitmdump", "-q", "-s", Path(__file__).with_name("weather.py"),
             "--mode", f"reverse:{os.environ['AWS_ENDPOINT_URL']}", "--listen-host", "127.0.0.1",
             "--listen-port", "0", "--set", f"confdir={self.folder / 'proxy'}",
             "--set", "keep_host_header=true"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            while not port.exists():
                if proxy.poll() is not None:
                    raise SystemExit(f"fault-test: the proxy does not start: {proxy.stdout.read()}")
                time.sleep(0.05)
            self.variables["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port.read_text()}"
            done = self.call("drill", "--plan", self.plan)
            run = self.run()
            if done.returncode == NOT_READY and WEATHER.search(done.stderr) and not run:
                self.end = "not-ready"
                print(f"{self.name} could not begin: {done.stderr.strip()}", flush=True)
            elif done.returncode == RUN_FAILED and run:
                self.end = "failed"
                self.judge_failure(run)
            else:
                self.end = "passed"
                self.judge(run, done)
            lines = [json.loads(line) for line in log.read_text().splitlines()]
            self.calls = Counter(line["fate"] for line in lines)
        finally:
            proxy.terminate()
            proxy.communicate()

    def judge_failure(self, run: str) -> None:
        """What failed, failed over the weather and says so; the rest holds all the same."""
        failures = Journal(self.folder / "state").failures
        for step, reason in failures.items():
            print(f"{self.name} failed at {step}: {reason}", flush=True)
        if not failures or not all(WEATHER.search(reason) for reason in failures.values()):
            self.problems.append(f"wrong-ends: failed over something else: {failures}")
        self.judge_evidence(run)
        self.judge_lab(run[-10:].lower(), 0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/fault-test", description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="every way back, not only the first three")
    parser.add_argument("--runs", type=int, default=1, help="how often each way")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--only", type=int, help="only the run of this number")
    parser.add_argument("--jobs", type=int, default=3, help="how many at once")
    options = parser.parse_args()
    print(f"fault-test: seed={options.seed}", flush=True)
    began = time.monotonic()
    ways = list(WAYS)[:None if options.full else SHORT] * options.runs
    storms = [Storm(options.program, None, f"run:{number}", [], seed=f"{options.seed} {number}",
                    plan=ROOT / "plans" / f"{way}.yaml", making=WAYS[way])
              for number, way in enumerate(ways) if options.only in (None, number)]
    with ThreadPoolExecutor(options.jobs) as pool:
        for storm in pool.map(Storm.go, storms):
            for problem in storm.problems:
                print(f"VIOLATION {problem}\n  in {storm.name}; again with: scripts/fault-test --seed "
                      f"{options.seed} {'--full ' if options.full else ''}--runs {options.runs} --only {storm.name[4:]}", file=sys.stderr, flush=True)
    fates, ends, kinds = Counter(), Counter(storm.end for storm in storms), Counter()
    for storm in storms:
        fates.update(storm.calls or {})
        kinds.update({problem.split(":")[0] for problem in storm.problems})
    print("weather: " + " ".join(f"{fate}={count}" for fate, count in sorted(fates.items())))
    print(f"fault-test: runs={len(storms)} " + " ".join(f"{e}={n}" for e, n in sorted(ends.items()))
          + f" calls={sum(fates.values())} disturbed={sum(fates.values()) - fates['fair']} "
          + " ".join(f"{kind}={kinds[kind]}" for kind in KINDS)
          + f" seed={options.seed} seconds={time.monotonic() - began:.0f}")
    sys.exit(1 if any(storm.problems for storm in storms) else 0)


if __name__ == "__main__":
    main()
