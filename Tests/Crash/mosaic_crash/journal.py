"""Reads a journal without the product: the chain, and how every step ended."""
import hashlib
import json
import sqlite3
from collections import Counter
from pathlib import Path

ENDS = {"step.succeeded": "succeeded", "step.failed": "failed", "step.skipped": "skipped",
        "step.cancelled": "cancelled"}
ORIGIN = "0" * 64


class Journal:
    """The events of the one run in a folder, and what follows from them."""

    def __init__(self, folder: Path) -> None:
        with sqlite3.connect(folder / "journal.sqlite", timeout=10) as database:
            self.rows = database.execute(
                "SELECT run, sequence, type, step, attempt, wall, since_boot_us, fence, body, previous, hash"
                " FROM events ORDER BY run, sequence").fetchall()
            waiting = database.execute("SELECT body FROM requests").fetchall()
            self.integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
        database.close()
        self.steps: dict[str, tuple[str, object]] = {}
        self.failures: dict[str, str] = {}
        self.counts: Counter = Counter()
        self.late_requests = {json.loads(body)["action"] for body, in waiting}
        self.records: list[dict] = []
        for _, _, type, step, _, _, _, _, text, _, _ in self.rows:
            body = json.loads(text)
            if type == "run.created":
                self.records = body["steps"]
            if type == "finding" and "came too late" in body["text"]:
                self.late_requests.add(body["text"].split(",")[0])
            self.counts[type, body["name"] if type == "moment" else step] += 1
            if type == "moment" and body["source"] == step:
                self.counts["note.moment", step] += 1
            if type == "step.failed":
                self.failures[step] = body["reason"]
            if type in ENDS:
                self.steps[step] = ENDS[type], body.get("output")

    @property
    def is_finished(self) -> bool:
        return bool(self.rows) and self.rows[-1][2] == "run.finished"

    @property
    def is_cancelled(self) -> bool:
        return self.counts["run.cancelled", None] > 0

    def break_in_chain(self) -> str | None:
        """The first thing that does not hold, computed from the rows alone."""
        previous, fence = ORIGIN, 0
        for place, row in enumerate(self.rows, 1):
            run, sequence, type, step, attempt, wall, boot, token, body, before, stated = row
            content = {"run": run, "sequence": sequence, "type": type, "step": step, "attempt": attempt,
                       "wall": wall, "since_boot_us": boot, "fence": token, "body": json.loads(body),
                       "previous": before}
            content = {key: value for key, value in content.items() if value is not None}
            text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if sequence != place or before != previous:
                return f"event {sequence} does not follow"
            if hashlib.sha256(text.encode()).hexdigest() != stated:
                return f"event {sequence} has another hash"
            if token < fence:
                return f"event {sequence} was written by a process that had lost the run"
            previous, fence = stated, token
        return None if self.integrity == "ok" else self.integrity
