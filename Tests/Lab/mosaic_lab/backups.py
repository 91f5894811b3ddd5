"""Automated backups: the window they can restore, and their replication to another region."""
import os
import shutil
import time

from . import copies, platform, postgres, xml
from .model import Backups, RDSError
from .state import State

LAG = 3  # seconds until an archived segment is copied to the other region


class AutomatedBackups(State):
    def do_DescribeDBInstanceAutomatedBackups(self, region, form):
        name, resource = form.get("DBInstanceIdentifier"), form.get("DbiResourceId")
        if given := form.get("DBInstanceAutomatedBackupsArn"):
            found = [self.automated(region, given)]
        else:
            found = [b for b in self.backups if b.region == region
                     and (not name or b.instance.name == name.lower())
                     and (not resource or b.instance.resource.lower() == resource.lower())]
        return xml.some("DBInstanceAutomatedBackups",
                        [xml.backups(b, self.replicas(b.instance)) for b in found])

    def automated(self, region: str, arn: str | None = None, resource: str | None = None) -> Backups:
        for backups in self.backups:
            if backups.region == region and (backups.arn == arn or backups.instance.resource == resource):
                return backups
        raise RDSError("DBInstanceAutomatedBackupNotFound", "There is no such automated backup.", 404)

    def home(self, instance) -> Backups | None:
        """The automated backups in the instance's own region."""
        return next((b for b in self.backups if b.instance is instance and not b.is_replica), None)

    def replicas(self, instance) -> list[Backups]:
        return [b for b in self.backups if b.instance is instance and b.is_replica
                and b.status != "retained"]

    def do_StartDBInstanceAutomatedBackupsReplication(self, region, form):
        _, _, _, home, _, _, name = form["SourceDBInstanceArn"].split(":")
        if home == region:
            raise RDSError("InvalidParameterValue", "The source is of this region.")
        if home in self.lost:
            raise RDSError("InternalFailure", f"{home} does not answer.", 500)
        instance = self.available(home, name)
        source = self.home(instance)
        if not source:
            raise RDSError("InvalidDBInstanceState", f"{name} has no automated backups.")
        if any(b.region == region for b in self.replicas(instance)):
            raise RDSError("InvalidDBInstanceAutomatedBackupState", f"{name} is replicated already.")
        key = form.get("KmsKeyId")
        if instance.kms and not key:
            raise RDSError("InvalidParameterValue", "Must specify a KMS key of this region.")
        backups = Backups(region, instance, self.place("backups"), source.since,
                          platform.key(region, key) if key else None, "pending",
                          form.get("BackupRetentionPeriod", "7"))
        self.backups.append(backups)
        self.begin(self.replicate, backups, source)
        return xml.backups(backups, [])

    def replicate(self, backups: Backups, source: Backups) -> None:
        """A copy of its own, some seconds behind: losing the region leaves it at what had come."""
        def cut():
            return source.region in self.lost or backups.ended.is_set() or self.stopping.is_set()
        try:
            copies.paced(source.base, backups.base, lambda _: None, cut)
            backups.status = "replicating"
            while not cut():
                if not self.faults.holds(backups.instance.name, "replication"):
                    trail(source, backups, cut)
                time.sleep(0.3)
        except (copies.Halted, OSError, shutil.Error):
            return  # one of the two was deleted

    def do_StopDBInstanceAutomatedBackupsReplication(self, region, form):
        given = form["SourceDBInstanceArn"]
        found = [b for b in self.backups if b.region == region and b.instance.arn == given and b.is_replica]
        if not found:
            self.instance(*given.split(":")[3::3])
        active = [b for b in found if b.status != "retained"]
        if not active:
            raise RDSError("InvalidDBInstanceState", f"{given} is not replicated to this region.")
        retain(active[0])
        return xml.backups(active[0], [])

    def do_DeleteDBInstanceAutomatedBackup(self, region, form):
        backups = self.automated(region, form.get("DBInstanceAutomatedBackupsArn"), form.get("DbiResourceId"))
        if backups.status == "active":
            raise RDSError("InvalidDBInstanceAutomatedBackupState", "The backups of an instance that "
                           "there is cannot be deleted.")
        self.drop(backups)
        return xml.backups(backups, [])

    def drop(self, backups: Backups) -> None:
        backups.ended.set()
        backups.status = "deleting"
        self.backups.remove(backups)
        self.begin(shutil.rmtree, backups.folder, True)

    def outlive(self, instance, deleted: bool) -> None:
        """The instance is gone: what is kept of its backups stays restorable."""
        for backups in [b for b in self.backups if b.instance is instance]:
            if deleted and not backups.is_replica:
                self.drop(backups)
            else:
                retain(backups)


def retain(backups: Backups) -> None:
    backups.ended.set()
    backups.status = "retained"


def trail(source: Backups, backups: Backups, cut) -> None:
    have = {file.name for file in backups.archive.iterdir()}
    for file in sorted(f for f in source.archive.iterdir() if f.name[0] != "."):
        if file.name in have:
            continue
        # In order, so that what has come can be replayed without a gap.
        if cut() or file.stat().st_mtime > time.time() - LAG:
            return
        part = backups.archive / ("." + file.name)
        shutil.copy2(file, part)
        if postgres.ACCOUNT:
            os.chown(part, postgres.ACCOUNT.pw_uid, postgres.ACCOUNT.pw_gid)
        part.rename(backups.archive / file.name)
