"""A shell in which commands of the documentation are run: a folder that looks like a clone, a home and a state
folder of its own, the program and the AWS command line on its PATH."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .page import ROOT

# The bound on one page.
LONGEST = 240
PROMPT = re.compile(rb"plan's name[^\n]*\s*$")
# For us-east-1 and RDS, version 1 of the AWS command line obeys no variable, only the option.
AWS = '#!/bin/sh\nexec "{}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n'


class Shell:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mosaic-documents-"))
        self.clone, binaries = self.folder / "clone", self.folder / "bin"
        for made in (self.clone, binaries, self.folder / "home"):
            made.mkdir()
        for entry in ROOT.iterdir():
            if entry.name in ("plans", "runbooks", "docs"):  # what commands write to
                shutil.copytree(entry, self.clone / entry.name)
            elif entry.name not in (".git", ".build"):
                (self.clone / entry.name).symlink_to(entry)
        aws = binaries / "aws"
        aws.write_text(AWS.format(Path(sys.executable).parent / "aws"))
        aws.chmod(0o755)
        cache = os.environ.get("MOSAIC_LAB_CACHE") or str(Path.home() / ".cache" / "mosaic-dr")
        path = [binaries, ROOT / ".build/debug", Path(sys.executable).parent, os.environ["PATH"]]
        self.environment = os.environ | {
            "PATH": ":".join(map(str, path)), "HOME": str(self.folder / "home"), "MOSAIC_LAB_CACHE": cache,
            "MOSAIC_DR_STATE": str(self.folder / "state"), "AWS_DEFAULT_REGION": os.environ.get("AWS_REGION", ""),
            "AWS_PAGER": "", "PAGER": "cat", "TERM": "dumb"}

    def run(self, script: str, typed: str | None = None, within: tuple[str, ...] = ()) -> tuple[int, str]:
        """The exit code, and all that was written."""
        handle, file = tempfile.mkstemp(prefix="script-", dir=self.folder)
        with os.fdopen(handle, "w") as opened:
            opened.write("set -euo pipefail\n" + script)
        words = [*within, "bash", file]
        screen, terminal = pty.openpty() if typed else (None, None)
        process = subprocess.Popen(
            words, cwd=self.clone, env=self.environment, stdin=terminal if typed else subprocess.DEVNULL,
            stdout=terminal or subprocess.PIPE, stderr=terminal or subprocess.STDOUT, start_new_session=True)
        if not typed:
            try:
                output, _ = process.communicate(timeout=LONGEST)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                output, _ = process.communicate()
            return process.returncode, output.decode(errors="replace")
        os.close(terminal)
        output = self.converse(process, screen, typed)
        os.close(screen)
        return process.wait(), output.decode(errors="replace")

    @staticmethod
    def converse(process: subprocess.Popen, screen: int, typed: str) -> bytes:
        """Types when it is asked to, as a person does."""
        output, ends = b"", time.monotonic() + LONGEST
        while time.monotonic() < ends:
            if not select.select([screen], [], [], 1)[0]:
                continue
            try:
                read = os.read(screen, 65536)
            except OSError:  # the other side is closed
                return output
            if not read:
                return output
            output += read
            if PROMPT.search(output):
                os.write(screen, typed.encode() + b"\n")
        os.killpg(process.pid, 9)
        return output

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
