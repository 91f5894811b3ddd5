"""Amazon RDS as far as the lab makes it real: instances are PostgreSQL servers.

Behaviour follows the RDS API Reference; what an emulator leaves out is supplied here.
"""
import re
import shutil
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from . import postgres

ACCOUNT = "123456789012"


class RDSError(Exception):
    def __init__(self, code: str, message: str, status: int = 400):
        self.code, self.message, self.status = code, message, status


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Instance:
    region: str
    name: str
    values: dict
    tags: dict
    status: str = "creating"
    resource: str = field(default_factory=lambda: "db-" + uuid.uuid4().hex.upper()[:26])
    created: datetime = field(default_factory=now)
    cluster: postgres.Cluster | None = None
    port: int | None = None
    events: list = field(default_factory=list)

    def note(self, message: str) -> None:
        self.events.append((now(), message))


@dataclass
class Snapshot:
    region: str
    name: str
    instance: str
    resource: str
    kind: str
    base: Path
    data_at: datetime
    encrypted: bool = True
    created: datetime = field(default_factory=now)


@dataclass
class Backups:
    region: str
    instance: Instance
    base: Path
    archive: Path
    since: datetime
    arn: str

    def latest(self) -> datetime | None:
        """A segment holds every commit up to its switch, which comes just before it is archived."""
        times = [f.stat().st_mtime for f in self.archive.iterdir() if re.fullmatch(r"[0-9A-F]{24}", f.name)]
        if not times:
            return None
        return max(self.since, datetime.fromtimestamp(int(max(times)) - 2, timezone.utc))


class RDS:
    """All instances, snapshots and automated backups, of every region."""

    def __init__(self, folder: Path, tls: Path, faults, groups_exist):
        self.folder, self.tls, self.faults = folder, tls, faults
        self.groups_exist = groups_exist
        self.instances: dict[tuple[str, str], Instance] = {}
        self.snapshots: list[Snapshot] = []
        self.backups: list[Backups] = []
        self.lock = threading.RLock()

    def instance(self, region: str, name: str) -> Instance:
        found = self.instances.get((region, (name or "").lower()))
        if not found:
            raise RDSError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        return found

    def handle(self, region: str, form: dict) -> str:
        action = getattr(self, "do_" + form["Action"], None)
        with self.lock:
            return action(region, form)

    def serves(self, form: dict) -> bool:
        return hasattr(self, "do_" + form.get("Action", ""))

    # Reading

    def do_DescribeDBInstances(self, region, form):
        if name := form.get("DBInstanceIdentifier"):
            found = [self.instance(region, name)]
        else:
            found = [i for (r, _), i in self.instances.items() if r == region]
        return "<DBInstances>" + "".join(self.describe(i) for i in found) + "</DBInstances>"

    def do_DescribeDBSnapshots(self, region, form):
        name, instance = form.get("DBSnapshotIdentifier"), form.get("DBInstanceIdentifier")
        found = [s for s in self.snapshots if s.region == region
                 and (not name or s.name == name) and (not instance or s.instance == instance)]
        if name and not found:
            raise RDSError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)
        return "<DBSnapshots>" + "".join(snapshot_xml(s) for s in found) + "</DBSnapshots>"

    def do_DescribeDBInstanceAutomatedBackups(self, region, form):
        name = form.get("DBInstanceIdentifier")
        found = [b for b in self.backups if b.region == region and b.instance.name == name]
        return ("<DBInstanceAutomatedBackups>" + "".join(backups_xml(b) for b in found)
                + "</DBInstanceAutomatedBackups>")

    def do_DescribeEvents(self, region, form):
        found = self.instances.get((region, form.get("SourceIdentifier", "")))
        rows = "".join(f"<Event><Date>{iso(at)}</Date><Message>{message}</Message></Event>"
                       for at, message in (found.events if found else []))
        return f"<Events>{rows}</Events>"

    # Making

    def do_RestoreDBInstanceFromDBSnapshot(self, region, form):
        snapshot = next((s for s in self.snapshots if s.region == region
                         and s.name == form["DBSnapshotIdentifier"]), None)
        if not snapshot:
            raise RDSError("DBSnapshotNotFound", "The snapshot does not exist.", 404)
        instance = self.make(region, form["DBInstanceIdentifier"], form, snapshot.encrypted)
        self.begin(instance, snapshot.base, {"recovery_target": "immediate", "restore_command": "false"})
        return self.describe(instance)

    def do_RestoreDBInstanceToPointInTime(self, region, form):
        arn, resource = form.get("SourceDBInstanceAutomatedBackupsArn"), form.get("SourceDbiResourceId")
        backups = next((b for b in self.backups if b.region == region
                        and (b.arn == arn or b.instance.resource == resource)), None)
        if not backups:
            raise RDSError("DBInstanceAutomatedBackupNotFound", "There is no such automated backup.", 404)
        recovery = {"restore_command": f"cp {backups.archive}/%f %p"}
        if moment := form.get("RestoreTime"):
            at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
            if not backups.since <= at <= backups.latest():
                raise RDSError("InvalidRestoreFault", f"The restore time {moment} is not restorable.")
            recovery["recovery_target_time"] = at.isoformat()
        instance = self.make(region, form["TargetDBInstanceIdentifier"], form,
                             backups.instance.values["StorageEncrypted"] == "true")
        self.begin(instance, backups.base, recovery)
        return self.describe(instance)

    def make(self, region: str, name: str, form: dict, encrypted: bool) -> Instance:
        name = name.lower()
        if (region, name) in self.instances:
            raise RDSError("DBInstanceAlreadyExists", f"DB instance {name} already exists.")
        self.groups_exist(region, form.get("DBSubnetGroupName"), form.get("DBParameterGroupName"))
        values = {"StorageEncrypted": str(encrypted).lower(), "BackupRetentionPeriod": "7",
                  "MultiAZ": "false", "DeletionProtection": "false", "MonitoringInterval": "0",
                  "PerformanceInsightsEnabled": "false", "AutoMinorVersionUpgrade": "true",
                  "DBInstanceClass": "db.r6g.large"}
        values |= {k: v for k, v in form.items() if k in values}
        values["subnet"] = form.get("DBSubnetGroupName", "default")
        values["parameters"] = form.get("DBParameterGroupName", "default.postgres15")
        values["security"] = [form[k] for k in sorted(form) if k.startswith("VpcSecurityGroupIds.")]
        tags = {form[k]: form.get(k[:-3] + "Value", "") for k in form
                if re.fullmatch(r"Tags\.Tag\.\d+\.Key", k)}
        instance = Instance(region, name, values, tags)
        self.instances[(region, name)] = instance
        return instance

    def begin(self, instance: Instance, base: Path, recovery: dict) -> None:
        threading.Thread(target=self.restore, args=(instance, base, recovery), daemon=True,
                         name=f"restore {instance.name}").start()

    def restore(self, instance: Instance, base: Path, recovery: dict) -> None:
        fault = self.faults.take("status", instance.name)
        if fault and not fault.get("seconds"):
            instance.note(fault.get("event", f"The instance went to {fault['status']}."))
            instance.status = fault["status"]
            return
        if fault:
            instance.status = fault["status"]
            time.sleep(fault["seconds"])
            instance.status = "creating"
        while self.faults.holds(instance.name):
            time.sleep(0.1)
        cluster = None
        try:
            folder = self.folder / "instances" / f"{instance.name}-{instance.resource}"
            folder.parent.mkdir(exist_ok=True)
            postgres.own(folder.parent)
            cluster = postgres.recover(base, folder, self.tls, recovery)
            self.after_recovery(instance, cluster)
        except Exception as problem:  # the server's own log says why
            instance.note(f"Restore failed: {problem}")
            instance.status = "restore-error"
            return
        with self.lock:
            if self.instances.get((instance.region, instance.name)) is not instance:
                cluster.remove()  # deleted while it was being made
                return
            instance.cluster = cluster
            instance.port = (postgres.free_port() if self.faults.take("endpoint", instance.name)
                             else cluster.port)
            instance.status = "backing-up"
            instance.note("Restored from backup.")
        time.sleep(1)
        if instance.status == "backing-up":
            instance.status = "available"

    def after_recovery(self, instance: Instance, cluster: postgres.Cluster) -> None:
        for _ in range(600):
            if cluster.sql("select pg_is_in_recovery()", "postgres") == "f":
                break
            time.sleep(0.1)
        if self.faults.take("login", instance.name):
            cluster.sql("alter role mosaic_dr password 'another'", "postgres")
        if self.faults.take("empty", instance.name):
            cluster.sql("truncate memories cascade")

    # Changing and deleting

    def do_ModifyDBInstance(self, region, form):
        instance = self.instance(region, form["DBInstanceIdentifier"])
        if instance.status != "available":
            raise RDSError("InvalidDBInstanceState", "The instance is not available.")
        wanted = {k: v for k, v in form.items() if k in instance.values}
        if "EnablePerformanceInsights" in form:
            wanted["PerformanceInsightsEnabled"] = form["EnablePerformanceInsights"]
        answer = self.describe(instance)

        def work():
            time.sleep(0.5)
            instance.status = "modifying"
            time.sleep(1)
            instance.values |= wanted
            instance.status = "available"
        threading.Thread(target=work, daemon=True).start()
        return answer

    def do_DeleteDBInstance(self, region, form):
        instance = self.instance(region, form["DBInstanceIdentifier"])
        if instance.values["DeletionProtection"] == "true":
            raise RDSError("InvalidParameterCombination", "Deletion protection is on.")
        if instance.status == "deleting":
            raise RDSError("InvalidDBInstanceState", "The instance is being deleted.")
        instance.status = "deleting"

        def work():
            time.sleep(1)
            with self.lock:
                self.instances.pop((region, instance.name), None)
            if instance.cluster:
                instance.cluster.remove()
        threading.Thread(target=work, daemon=True).start()
        return self.describe(instance)

    def describe(self, instance: Instance) -> str:
        v = instance.values
        tags = "".join(f"<Tag><Key>{k}</Key><Value>{t}</Value></Tag>" for k, t in instance.tags.items())
        groups = "".join(f"<VpcSecurityGroupMembership><VpcSecurityGroupId>{g}</VpcSecurityGroupId>"
                         "<Status>active</Status></VpcSecurityGroupMembership>" for g in v["security"])
        endpoint = (f"<Endpoint><Address>127.0.0.1</Address><Port>{instance.port}</Port></Endpoint>"
                    if instance.port else "")
        plain = "".join(f"<{k}>{t}</{k}>" for k, t in v.items() if k[0].isupper())
        return (f"<DBInstance><DBInstanceIdentifier>{instance.name}</DBInstanceIdentifier>"
                f"<DBInstanceStatus>{instance.status}</DBInstanceStatus>"
                f"<DbiResourceId>{instance.resource}</DbiResourceId><Engine>postgres</Engine>"
                f"<EngineVersion>15.18</EngineVersion><AllocatedStorage>100</AllocatedStorage>"
                f"<InstanceCreateTime>{iso(instance.created)}</InstanceCreateTime>{endpoint}{plain}"
                f"<DBSubnetGroup><DBSubnetGroupName>{v['subnet']}</DBSubnetGroupName></DBSubnetGroup>"
                f"<DBParameterGroups><DBParameterGroup><DBParameterGroupName>{v['parameters']}"
                "</DBParameterGroupName><ParameterApplyStatus>in-sync</ParameterApplyStatus>"
                f"</DBParameterGroup></DBParameterGroups><VpcSecurityGroups>{groups}"
                f"</VpcSecurityGroups><PendingModifiedValues/><TagList>{tags}</TagList></DBInstance>")

    def stop(self) -> None:
        with self.lock:
            self.faults.clear()
            self.instances, ended = {}, list(self.instances.values())
        for instance in ended:
            if instance.cluster:
                instance.cluster.kill()
        for thread in threading.enumerate():
            if thread.name.startswith("restore"):
                thread.join(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def iso(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def snapshot_xml(s: Snapshot) -> str:
    return (f"<DBSnapshot><DBSnapshotIdentifier>{s.name}</DBSnapshotIdentifier>"
            f"<DBInstanceIdentifier>{s.instance}</DBInstanceIdentifier><Status>available</Status>"
            f"<SnapshotType>{s.kind}</SnapshotType><DbiResourceId>{s.resource}</DbiResourceId>"
            f"<SnapshotDatabaseTime>{iso(s.data_at)}</SnapshotDatabaseTime>"
            f"<OriginalSnapshotCreateTime>{iso(s.data_at + timedelta(seconds=1))}</OriginalSnapshotCreateTime>"
            f"<SnapshotCreateTime>{iso(s.created)}</SnapshotCreateTime><Engine>postgres</Engine>"
            f"<EngineVersion>15.18</EngineVersion><Encrypted>{str(s.encrypted).lower()}</Encrypted>"
            "<AllocatedStorage>100</AllocatedStorage><PercentProgress>100</PercentProgress></DBSnapshot>")


def backups_xml(b: Backups) -> str:
    latest = b.latest()
    window = (f"<RestoreWindow><EarliestTime>{iso(b.since)}</EarliestTime>"
              f"<LatestTime>{iso(latest)}</LatestTime></RestoreWindow>" if latest else "")
    home = f"arn:aws:rds:{b.instance.region}:{ACCOUNT}:db:{b.instance.name}"
    status = "active" if b.instance.region == b.region else "replicating"
    return ("<DBInstanceAutomatedBackup>"
            f"<DBInstanceAutomatedBackupsArn>{b.arn}</DBInstanceAutomatedBackupsArn>"
            f"<DBInstanceArn>{home}</DBInstanceArn><DBInstanceIdentifier>{b.instance.name}"
            f"</DBInstanceIdentifier><DbiResourceId>{b.instance.resource}</DbiResourceId>"
            f"<Status>{status}</Status>{window}<Encrypted>true</Encrypted><Engine>postgres</Engine>"
            "<EngineVersion>15.18</EngineVersion><AllocatedStorage>100</AllocatedStorage>"
            "</DBInstanceAutomatedBackup>")
