"""The lab's RDS across regions: what there is, what is lost, and the work under way."""
import shutil
import threading
import time
import uuid
from pathlib import Path

from .faults import Faults
from .model import Backups, Instance, RDSError, Snapshot


# The bound on the end of all servers and of the work under way, in seconds; `scripts/lab down` waits longer.
LONGEST_END = 15


class State:
    def __init__(self, folder: Path, tls: Path, faults: Faults):
        self.folder, self.tls, self.faults = folder, tls, faults
        self.instances: dict[tuple[str, str], Instance] = {}
        self.snapshots: list[Snapshot] = []
        self.backups: list[Backups] = []
        self.clusters: dict = {}
        self.cluster_snapshots: list[Snapshot] = []
        self.lost: set[str] = set()
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        folder.mkdir()

    def place(self, kind: str) -> Path:
        """A new folder's path."""
        path = self.folder / kind / uuid.uuid4().hex
        path.parent.mkdir(exist_ok=True)
        return path

    def begin(self, work, *words) -> None:
        thread = threading.Thread(target=work, args=words, daemon=True)
        self.threads = [t for t in self.threads if t.is_alive()] + [thread]
        thread.start()

    def instance(self, region: str, name: str) -> Instance:
        found = self.instances.get((region, name.lower()))
        if not found:
            raise RDSError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        return found

    def available(self, region: str, name: str) -> Instance:
        found = self.instance(region, name)
        if found.status != "available":
            raise RDSError("InvalidDBInstanceState",
                           f"Instance {found.name} is not in available state.")
        return found

    def snapshot(self, region: str, name: str) -> Snapshot:
        """By name or ARN."""
        found = [s for s in self.snapshots if s.region == region and name.lower() in (s.name, s.arn)]
        if not found:
            raise RDSError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)
        return found[0]

    def usable(self, region: str, name: str) -> Snapshot:
        found = self.snapshot(region, name)
        if found.status != "available":
            raise RDSError("InvalidDBSnapshotState",
                           f"DBSnapshot {found.name} is not in available state: {found.status}.")
        return found

    def stop(self) -> None:
        self.stopping.set()
        with self.lock:
            self.faults.clear()
            self.instances, ended = {}, list(self.instances.values())
        # All at once, since each takes a second, and whoever ends the lab waits for it.
        killing = [threading.Thread(target=i.cluster.kill, daemon=True) for i in ended if i.cluster]
        for thread in killing:
            thread.start()
        until = time.monotonic() + LONGEST_END
        for thread in killing + list(self.threads):
            thread.join(max(0.0, until - time.monotonic()))
        shutil.rmtree(self.folder, ignore_errors=True)
