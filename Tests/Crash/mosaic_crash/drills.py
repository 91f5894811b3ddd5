"""Drills of the real program against the lab, killed at chosen syncs and taken up again."""
import json
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from .journal import Journal

PATIENCE = 600
ROOT = Path(__file__).resolve().parents[3]
PLAN = ROOT / "plans" / "rds-prod.yaml"
RESTORES = ("RestoreDBInstanceToPointInTime", "RestoreDBInstanceFromDBSnapshot")


@dataclass
class Drill:
    """One drill in a state folder of its own."""
    program: Path
    library: Path | None
    name: str
    kills: list[tuple[int, str]]
    problems: list[str] = field(default_factory=list)
    killed: int = 0
    syncs: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    plan: Path = PLAN
    # The calls that make what the drill is about; their form names it.
    making: tuple[str, ...] = RESTORES

    def go(self) -> "Drill":
        with tempfile.TemporaryDirectory(prefix="drill-") as folder:
            self.folder = Path(folder)
            try:
                self.play()
            except subprocess.TimeoutExpired:
                self.problems.append(f"stuck: no end after {PATIENCE} s")
        return self

    def call(self, *words, **variables) -> subprocess.CompletedProcess:
        environment = os.environ | self.variables | {key: str(value) for key, value in variables.items()}
        return subprocess.run([self.program, *words, "--state", self.folder / "state"], cwd=self.folder,
                              env=environment, capture_output=True, text=True, timeout=PATIENCE)

    def play(self) -> None:
        run, done = None, None
        for number, mode in [*self.kills, (0, "")]:
            words = ["resume", run] if run else ["drill", "--plan", self.plan]
            done = self.call(*words, LD_PRELOAD=self.library, KILL_AT=number, KILL_WHEN=mode,
                             COUNT_SYNCS=self.folder / "syncs")
            run = run or self.run()
            if done.returncode != -signal.SIGKILL:
                break
            self.killed += 1
        # Killed when everything was done already: then there is nothing to resume.
        if "the run has ended" in done.stderr:
            done = self.call("report", run)
        self.judge(run, done)

    def run(self) -> str | None:
        """The run's identifier, once there is a run."""
        words = self.call("runs").stdout.split()
        return words[0] if words and len(words[0]) == 26 else None

    def judge(self, run: str | None, done: subprocess.CompletedProcess) -> None:
        """Everything that holds for a drill that passed."""
        if self.library:
            self.syncs = (self.folder / "syncs").stat().st_size
        if done.returncode != 0 or "Verdict  PASS" not in done.stdout:
            self.problems.append(f"wrong-ends: {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
        if not run:
            self.problems.append("wrong-ends: there is no run")
            return
        self.judge_evidence(run)
        self.judge_lab(run[-10:].lower())

    def judge_evidence(self, run: str) -> None:
        journal = Journal(self.folder / "state")
        if problem := journal.break_in_chain():
            self.problems.append(f"broken-chains: {problem}")
        for moment in ("incident", "declared", "first_action"):
            if journal.counts["moment", moment] != 1:
                self.problems.append(f"wrong-ends: moment {moment}: {journal.counts['moment', moment]} times")
        reports = list((self.folder / "state" / "reports").rglob("report.json.zst"))
        if len(reports) != 1 or self.call("verify", reports[0]).returncode:
            self.problems.append(f"wrong-ends: no report that verifies, or several: {reports}")
        if self.call("ledger", "verify").returncode:
            self.problems.append(f"wrong-ends: the ledger: {self.call('ledger', 'verify').stdout}")
        kinds = [json.loads(line)["type"] for line in (self.folder / "state" / "ledger" / "ledger.jsonl").open()]
        if kinds != ["ledger.genesis", "run.started", "run.finished"]:
            self.problems.append(f"wrong-ends: the ledger says {kinds}")
        state = self.folder / "state"
        keys = {(state / "signing.key.pub.pem").read_bytes(), *(r.read_bytes() for r in state.rglob("key.pem"))}
        if len(keys) != 1 or list(state.rglob("*.tmp.*")):
            self.problems.append("wrong-ends: the public key is not there, or a file is left half-written")

    def judge_lab(self, copy: str, least: int = 1) -> None:
        calls = [json.loads(line) for line in (Path(os.environ["MOSAIC_LAB"]) / "log").read_text().splitlines()]
        restores = [call for call in calls if call["action"] in self.making and copy in json.dumps(call["form"])]
        made = [call for call in restores if not call["code"]]
        if not min(least, len(self.making)) <= len(made) <= 1:
            self.problems.append(f"repeated-effects: {len(made)} restores took effect")
        if len(restores) > 1:
            self.problems.append(f"repeated-calls: {len(restores)} restores were asked for")
        servers = subprocess.run([ROOT / "scripts" / "lab", "servers"], capture_output=True, text=True, check=True)
        if copy in servers.stdout:
            self.problems.append(f"leftovers: {servers.stdout}")


def places(syncs: int, short: bool, dice) -> list[list[tuple[int, str]]]:
    """All syncs, each with a way to die and some with a second death while resuming; or six of them."""
    modes = ("before", "after", "lost", "torn")
    if short:
        numbers = [syncs * share // 100 for share in (28, 40, 52, 70, 88, 97)]
        return [[(number, modes[place % 4])] for place, number in enumerate(numbers)]
    found = [[(number, dice.choice(modes))] for number in range(1, syncs + 1)]
    return found + [[(dice.randint(1, syncs), dice.choice(modes)), (dice.randint(1, syncs // 2), "after")]
                    for _ in range(syncs // 5)]
