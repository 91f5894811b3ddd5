"""Copies of database folders, at a pace that their progress can be watched at."""
import shutil
import subprocess
import time
from pathlib import Path

PACE = 100 << 20  # bytes a second


class Halted(Exception):
    """The copy was told to stop."""


def size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_size
        except FileNotFoundError:
            continue
    return total


def paced(source: Path, target: Path, told, halted) -> None:
    total, done, began = size(source), 0, time.monotonic()

    def one(old, new):
        nonlocal done
        if halted():
            raise Halted
        shutil.copy2(old, new)
        done += Path(new).stat().st_size
        told(done / total)
        time.sleep(max(0.0, done / PACE - (time.monotonic() - began)))
    shutil.copytree(source, target, symlinks=True, copy_function=one)


def linked(source: Path, target: Path) -> None:
    """A folder of its own over the same files, which nobody changes in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-al", str(source), str(target)], check=True)
