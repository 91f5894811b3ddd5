"""Restores: a new server with the data of a snapshot or of automated backups."""
import time
from datetime import datetime
from pathlib import Path

from . import platform, postgres
from .model import Backups, Form, Instance, RDSError
from .state import State

DEFAULTS = {"BackupRetentionPeriod": "7", "MultiAZ": "false", "DeletionProtection": "false",
            "MonitoringInterval": "0", "MonitoringRoleArn": None, "PerformanceInsightsEnabled": "false",
            "AutoMinorVersionUpgrade": "true", "DBInstanceClass": "db.r6g.large",
            "AllocatedStorage": "100", "StorageType": "gp3",
            "IAMDatabaseAuthenticationEnabled": "false", "CopyTagsToSnapshot": "false"}


class Restores(State):
    def do_RestoreDBInstanceFromDBSnapshot(self, region, form):
        snapshot = self.usable(region, form["DBSnapshotIdentifier"])
        instance = self.make(region, form.name("DBInstanceIdentifier", 63), form, snapshot.kms)
        self.begin(self.restore, instance, snapshot.base,
                   {"recovery_target": "immediate", "restore_command": "false"})
        return self.describe(instance)

    def do_RestoreDBInstanceToPointInTime(self, region, form):
        backups = self.source(region, form)
        recovery = recovery_to(backups, form, "RestoreTime")
        instance = self.make(region, form.name("TargetDBInstanceIdentifier", 63), form, backups.kms)
        self.begin(self.restore, instance, backups.base, recovery)
        return self.describe(instance)

    def source(self, region: str, form: Form) -> Backups:
        """Replicated backups are found by their own ARN only."""
        if given := form.get("SourceDBInstanceAutomatedBackupsArn"):
            return self.automated(region, given)
        if given := form.get("SourceDbiResourceId"):
            found = [b for b in self.backups if b.instance.resource == given]
        else:
            instance = self.instance(region, form["SourceDBInstanceIdentifier"])
            found = [b for b in self.backups if b.instance is instance]
        found = [b for b in found if b.region == region and not b.is_replica]
        if not found:
            raise RDSError("DBInstanceAutomatedBackupNotFound", "There is no such automated backup.", 404)
        return found[0]

    def make(self, region: str, name: str, form: Form, kms: str | None) -> Instance:
        if (region, name) in self.instances:
            raise RDSError("DBInstanceAlreadyExists", f"DB instance {name} already exists.")
        platform.check_groups(region, form.get("DBSubnetGroupName"), form.get("DBParameterGroupName"))
        if kms:
            platform.source_key(kms)
        values = DEFAULTS | {k: v for k, v in form.items() if k in DEFAULTS}
        values["subnet"] = form.get("DBSubnetGroupName", "default")
        values["parameters"] = form.get("DBParameterGroupName", "default.postgres15")
        values["security"] = form.members("VpcSecurityGroupIds")
        values["exports"] = form.members("EnableCloudwatchLogsExports.member")
        values["IAMDatabaseAuthenticationEnabled"] = form.get("EnableIAMDatabaseAuthentication", "false")
        instance = Instance(region, name, values, form.tags(), kms=kms)
        self.instances[(region, name)] = instance
        return instance

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
        try:
            folder = self.folder / "instances" / f"{instance.name}-{instance.resource}"
            folder.parent.mkdir(exist_ok=True)
            cluster = postgres.recover(base, folder, self.tls, recovery)
            self.after_recovery(instance, cluster)
        except Exception as problem:  # the server's own log says why
            instance.note(f"Restore failed: {problem}")
            instance.status = "restore-error"
            return
        self.serve(instance, cluster, "Restored from backup.")

    def serve(self, instance: Instance, cluster: postgres.Cluster, message: str) -> None:
        with self.lock:
            if self.instances.get((instance.region, instance.name)) is not instance:
                cluster.remove()  # deleted while it was being made
                return
            instance.cluster = cluster
            instance.port = (postgres.free_port() if self.faults.take("endpoint", instance.name)
                             else cluster.port)
            if self.faults.take("parameters", instance.name):
                instance.parameters = "pending-reboot"
            instance.status = "backing-up"
            instance.note(message)
        time.sleep(1)
        instance.turn("backing-up", "available")

    def after_recovery(self, instance: Instance, cluster: postgres.Cluster) -> None:
        for _ in range(600):
            if cluster.sql("select pg_is_in_recovery()", "postgres") == "f":
                break
            time.sleep(0.1)
        if self.faults.take("login", instance.name):
            cluster.sql("alter role mosaic_dr password 'another'", "postgres")
        if self.faults.take("empty", instance.name):
            cluster.sql("truncate memories cascade")


def recovery_to(backups: Backups, form: Form, key: str) -> dict[str, str]:
    """How PostgreSQL recovers to the moment that a call asks for."""
    latest = backups.latest()
    if not latest:
        raise RDSError("InvalidRestoreFault", "There is nothing to restore from yet.")
    recovery = {"restore_command": f"cp {backups.archive}/%f %p"}
    if moment := form.get(key):
        at = datetime.fromisoformat(moment.replace("Z", "+00:00"))
        if not backups.since <= at <= latest:
            raise RDSError("InvalidRestoreFault", f"The restore time {moment} is not restorable.")
        return recovery | {"recovery_target_time": at.isoformat()}
    if not form.wants("UseLatestRestorableTime"):
        raise RDSError("InvalidParameterCombination",
                       f"One of {key} and UseLatestRestorableTime must be given.")
    return recovery
