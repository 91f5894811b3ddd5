"""Runs the measurements in turns on one disk and prints a table of medians."""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STEPS = 1000


class Bench:
    def __init__(self, options):
        self.options, self.results = options, {}
        self.folder = Path(tempfile.mkdtemp(prefix="bench-", dir=options.folder))
        self.counter = self.folder / "kill_at_sync.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.counter,
                        HERE.parent / "Crash/kill_at_sync.c", "-ldl"], check=True)

    def call(self, *words, **variables) -> dict:
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=900,
                              env=os.environ | variables)
        try:
            return json.loads(done.stdout.strip().splitlines()[-1])
        except (json.JSONDecodeError, IndexError):
            raise SystemExit(f"{words[:3]} failed: {done.stdout}{done.stderr}") from None

    def fresh(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))

    def commits(self, shape: str) -> int:
        """How often the disk is asked to keep what was written, for the whole run."""
        counted = self.folder / "count"
        self.call(self.options.program, shape, STEPS, self.fresh(), LD_PRELOAD=str(self.counter),
                  COUNT_SYNCS=str(counted))
        size = counted.stat().st_size
        counted.unlink()
        return size

    def measure(self, name: str, *words, **variables) -> None:
        self.results.setdefault(name, []).append(self.call(*words, **variables))

    def median(self, name: str, key: str = "wall_us") -> float:
        return statistics.median(r[key] for r in self.results[name])

    def run(self) -> None:
        program, python = self.options.program, self.options.python
        commits = {shape: self.commits(shape) for shape in ("chain", "fan")}
        rows = 2 * STEPS / commits["fan"]
        for _ in range(self.options.rounds):
            self.measure("raw chain", program, "raw", commits["chain"], 1, self.fresh())
            self.measure("raw fan", program, "raw", commits["fan"], max(1, round(rows)), self.fresh())
            for shape in ("chain", "fan"):
                self.measure(f"mosaic-dr {shape}", program, shape, STEPS, self.fresh())
            for shape in ("chain", "fan") if python else ():
                self.measure(f"DBOS {shape}", python, HERE / "dbos_steps.py", shape, STEPS, self.fresh())
            if python:
                self.measure("Temporal chain", python, HERE / "temporal_steps.py", STEPS, self.fresh())
        for count in (1_000, 10_000, 100_000):
            self.measure(f"graph of {count:,} steps", program, "graph", count)
        if self.options.waiting:
            self.measure("10,000 waiting", program, "waiting", 10_000, self.fresh(), self.options.waiting)
        self.table(commits)

    def table(self, commits: dict) -> None:
        print(f"{'':24}{'wall':>10}{'steps/s':>10}{'CPU':>10}{'peak':>10}{'commits a step':>16}")
        for name in self.results:
            wall = self.median(name) / 1e6
            shape = name.split()[-1]
            rate = f"{STEPS / wall:,.0f}" if shape in commits else ""
            share = f"{commits[shape] / STEPS:.2f}" if name.startswith("mosaic") else ""
            print(f"{name:24}{wall:>8.3f} s{rate:>10}{self.median(name, 'cpu_us') / 1e6:>8.3f} s"
                  f"{self.median(name, 'peak_kib') / 1024:>6.0f} MiB{share:>16}")
        if self.options.waiting:
            share = self.median("10,000 waiting", "cpu_us") / self.median("10,000 waiting")
            print(f"10,000 waiting steps use {share:.2%} of a core")
        print(f"engine: raw={self.median('mosaic-dr chain') / self.median('raw chain'):.2f} "
              f"dbos={self.times_faster('DBOS', 'chain')} dbos-fanout={self.times_faster('DBOS', 'fan')} "
              f"temporal={self.times_faster('Temporal', 'chain')}")

    def times_faster(self, peer: str, shape: str) -> str:
        if f"{peer} {shape}" not in self.results:
            return "unavailable"
        return f"{self.median(f'{peer} {shape}') / self.median(f'mosaic-dr {shape}'):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--python", help="an interpreter with the packages of requirements.txt")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--waiting", type=int, default=30, help="seconds; 0 leaves it out")
    parser.add_argument("--folder", help="where the databases are put: decides which disk it is")
    bench = Bench(parser.parse_args())
    try:
        bench.run()
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
