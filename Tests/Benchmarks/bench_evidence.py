"""Runs a drill of many steps through the engine and the journal; writes, verifies and renders its report."""
import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
FORMS = ("html", "md", "csv", "junit", "oscal", "json")
# Nothing is asked of AWS.
ENVIRONMENT = os.environ | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}


def measured(name: str, *words, to: Path) -> None:
    """Runs a command and prints what it took and how much it wrote."""
    with open(to, "wb") as output:
        began = time.monotonic()
        process = subprocess.Popen([str(word) for word in words], stdout=output, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    if status:
        raise SystemExit(f"{words} failed")
    print(f"{name:20}{wall:>8.2f} s{usage.ru_utime + usage.ru_stime:>8.2f} s CPU"
          f"{usage.ru_maxrss / 1024:>8.0f} MiB{to.stat().st_size:>14,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--folder", help="where everything is put: decides which disk it is")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=options.folder))
    try:
        bench(options.programs, options.steps, folder)
    finally:
        shutil.rmtree(folder)


def bench(programs: Path, steps: int, folder: Path) -> None:
    state, program = folder / "state", programs / "mosaic-dr"
    state.mkdir()
    measured(f"run of {steps:,} steps", programs / "engine-benchmark", "drill", steps, state, to=folder / "run")
    run = json.loads((folder / "run").read_text())["run"]
    # Of a run that has ended and has no report, 'resume' writes the report.
    measured("write and sign", program, "resume", run, "--state", state, to=folder / "resume")
    report = next((state / "reports/benchmark").iterdir())
    measured("verify", program, "verify", report, "--trust", state / "signing.key.pub", to=folder / "verify")
    for form in FORMS:
        measured(form, program, "report", run, "--format", form, "--state", state, to=folder / f"report.{form}")
    for file in sorted(report.iterdir()):
        print(f"  {file.name:26}{file.stat().st_size:>12,} bytes")
    subprocess.run(["python3", "-B", HERE.parent / "EvidenceTests/Tools/look.py", report / "report.html", folder],
                   check=True)


if __name__ == "__main__":
    main()
