"""Snapshots: base backups of the running servers, and copies of these."""
import shutil
import time

from . import copies, platform, postgres, xml
from .model import Instance, RDSError, Snapshot, now
from .state import State


class Snapshots(State):
    def do_DescribeDBSnapshots(self, region, form):
        wanted = {"name": form.get("DBSnapshotIdentifier"), "instance": form.get("DBInstanceIdentifier"),
                  "type": form.get("SnapshotType"), "resource": form.get("DbiResourceId")}
        if wanted["name"]:
            wanted["name"] = self.snapshot(region, wanted["name"]).name
        found = [s for s in self.snapshots if s.region == region and all(
            not value or getattr(s, key).lower() == value.lower() for key, value in wanted.items())]
        return xml.some("DBSnapshots", [xml.snapshot(s) for s in found])

    def do_CreateDBSnapshot(self, region, form):
        name = self.unused(region, form)
        instance = self.available(region, form["DBInstanceIdentifier"])
        snapshot = self.add(Snapshot(region, name, instance.name, instance.resource,
                                     self.place("snapshots"), instance.kms, tags=own(form.tags())))
        instance.status = "backing-up"
        self.begin(self.take, snapshot, instance)
        return xml.snapshot(snapshot)

    def do_CopyDBSnapshot(self, region, form):
        given = form["SourceDBSnapshotIdentifier"]
        home = given.split(":")[3] if given.startswith("arn:") else region
        if form.get("SourceRegion", home) != home:
            raise RDSError("InvalidParameterValue", f"The source snapshot is not of {form['SourceRegion']}.")
        if home in self.lost:
            raise RDSError("InternalFailure", f"{home} does not answer.", 500)
        name = self.unused(region, form, "TargetDBSnapshotIdentifier")
        source = self.usable(home, given)
        kms = self.copied_key(region, source, form.get("KmsKeyId"))
        tags = own((source.tags if form.wants("CopyTags") else {}) | form.tags())
        snapshot = self.add(Snapshot(
            region, name, source.instance, source.resource, self.place("snapshots"), kms,
            data_at=source.data_at, tags=tags, original=source.original,
            source=source.arn if home != region else None))
        self.begin(self.copy, snapshot, source)
        return xml.snapshot(snapshot)

    def copied_key(self, region: str, source: Snapshot, key: str | None) -> str | None:
        if source.kms:
            platform.source_key(source.kms)
            if source.region != region and not key:
                raise RDSError("InvalidParameterValue", "Must specify new KMS key for cross region "
                               "encrypted snapshot copy.")
        return platform.key(region, key) if key else source.kms

    def do_DeleteDBSnapshot(self, region, form):
        snapshot = self.snapshot(region, form["DBSnapshotIdentifier"])
        if snapshot.type == "automated":
            raise RDSError("InvalidDBSnapshotState", "automated snapshots cannot be deleted.")
        if snapshot.status != "failed":
            self.usable(region, snapshot.name)
        self.snapshots.remove(snapshot)
        snapshot.status = "deleted"
        shutil.rmtree(snapshot.base, ignore_errors=True)
        return xml.snapshot(snapshot)

    def unused(self, region: str, form, key: str = "DBSnapshotIdentifier") -> str:
        name = form.name(key, 255)
        if any(s.region == region and s.name == name for s in self.snapshots):
            raise RDSError("DBSnapshotAlreadyExists", "Cannot create the snapshot because a snapshot "
                           f"with the identifier {name} already exists.")
        return name

    def add(self, snapshot: Snapshot) -> Snapshot:
        self.snapshots.append(snapshot)
        snapshot.note("Creating manual snapshot")
        return snapshot

    def take(self, snapshot: Snapshot, instance: Instance) -> None:
        def work():
            # What was committed before the backup began is in it, whatever comes meanwhile.
            before = now()
            instance.cluster.backup(snapshot.base, snapshot.tell)
            snapshot.data_at = postgres.last_commit(snapshot.base) or before
        self.finish(snapshot, work)
        instance.turn("backing-up", "available")

    def copy(self, snapshot: Snapshot, source: Snapshot) -> None:
        def halted():
            return self.stopping.is_set() or source.status == "deleted" or source.region in self.lost
        self.finish(snapshot, lambda: copies.paced(source.base, snapshot.base, snapshot.tell, halted))

    def finish(self, snapshot: Snapshot, work) -> None:
        while self.faults.holds(snapshot.name):
            time.sleep(0.1)
        try:
            if fault := self.faults.take("snapshot", snapshot.name):
                raise RuntimeError(fault.get("message", "asked for by a test"))
            work()
        except Exception as problem:
            snapshot.status = "failed"
            snapshot.note(f"Snapshot failed: {problem}")
            shutil.rmtree(snapshot.base, ignore_errors=True)
            return
        snapshot.progress, snapshot.status = 100, "available"
        snapshot.note("Manual snapshot created")


def own(tags: dict) -> dict:
    """A copy of a snapshot that carries AWS's own tags fails when it is to keep them."""
    if any(key.startswith("aws:") for key in tags):
        raise RDSError("InvalidParameterValue", "Tag keys cannot start with the reserved prefix aws:")
    return tags
