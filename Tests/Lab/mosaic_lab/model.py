"""What the lab's RDS keeps: instances, snapshots, automated backups; and how it refuses."""
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from . import postgres

ACCOUNT = "123456789012"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SEGMENT = re.compile(r"[0-9A-F]{24}")


class RDSError(Exception):
    def __init__(self, code: str, message: str, status: int = 400):
        self.code, self.message, self.status = code, message, status


class Form(dict):
    """The parameters of a call."""

    def __missing__(self, key: str):
        raise RDSError("MissingParameter", f"The request must contain the parameter {key}.")

    def name(self, key: str, longest: int) -> str:
        """A new identifier, lower-case as RDS stores it."""
        name = self[key].lower()
        if len(name) > longest or not NAME.fullmatch(name):
            raise RDSError("InvalidParameterValue", f"The parameter {key} is not a valid identifier.")
        return name

    def tags(self) -> dict[str, str]:
        return {self[k]: self.get(k[:-3] + "Value", "") for k in self
                if re.fullmatch(r"Tags\.Tag\.\d+\.Key", k)}

    def members(self, prefix: str) -> list[str]:
        return [self[k] for k in sorted(self) if k.startswith(prefix + ".")]

    def wants(self, key: str) -> bool:
        return self.get(key) == "true"


def now() -> datetime:
    return datetime.now(timezone.utc)


def arn(region: str, kind: str, name: str) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


class Noted:
    """Something that has events."""

    def note(self, message: str) -> None:
        self.events.append((now(), message))

    def turn(self, old: str, new: str) -> None:
        """A change of status that gives way to what has happened meanwhile."""
        if self.status == old:
            self.status = new


@dataclass
class Instance(Noted):
    region: str
    name: str
    values: dict
    tags: dict
    status: str = "creating"
    kms: str | None = None
    resource: str = field(default_factory=lambda: "db-" + uuid.uuid4().hex.upper()[:26])
    created: datetime = field(default_factory=now)
    cluster: postgres.Cluster | None = None
    port: int | None = None
    parameters: str = "in-sync"
    pending: dict = field(default_factory=dict)
    events: list = field(default_factory=list)
    # The zones of the instance and of its standby.
    zones: list = field(default_factory=lambda: ["a", "b"])
    source: "Instance | None" = None
    cluster_of: object = None
    kind = "db-instance"

    @property
    def arn(self) -> str:
        return arn(self.region, "db", self.name)


@dataclass
class Snapshot(Noted):
    region: str
    name: str
    instance: str
    resource: str
    base: Path
    kms: str | None
    type: str = "manual"
    data_at: datetime | None = None
    tags: dict = field(default_factory=dict)
    status: str = "creating"
    progress: int = 0
    source: str | None = None
    created: datetime = field(default_factory=now)
    original: datetime = field(default_factory=now)
    events: list = field(default_factory=list)
    kind = "db-snapshot"

    @property
    def arn(self) -> str:
        return arn(self.region, "snapshot", self.name)

    def tell(self, share: float) -> None:
        self.progress = max(self.progress, min(99, int(share * 100)))


@dataclass
class Backups:
    """Automated backups of an instance: a base backup and the WAL since."""
    region: str
    instance: Instance
    folder: Path
    since: datetime
    kms: str | None
    status: str
    retention: str = "7"
    ended: threading.Event = field(default_factory=threading.Event)
    arn: str = ""

    def __post_init__(self) -> None:
        self.arn = arn(self.region, "auto-backup", "ab-" + uuid.uuid4().hex.upper()[:26])
        self.base, self.archive = self.folder / "base", self.folder / "archive"
        self.archive.mkdir(parents=True)
        postgres.own(self.archive)

    @property
    def is_replica(self) -> bool:
        return self.region != self.instance.region

    def latest(self) -> datetime | None:
        """A segment holds every commit up to its switch, which comes just before it is archived."""
        times = [f.stat().st_mtime for f in self.archive.iterdir() if SEGMENT.fullmatch(f.name)]
        if not times or self.status == "pending":
            return None
        return max(self.since, datetime.fromtimestamp(int(max(times)) - 2, timezone.utc))
