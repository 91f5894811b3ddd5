"""Automated backups reach the other region some seconds late, and stay there."""
from datetime import timedelta

from botocore.exceptions import ConnectionClosedError

from .running import EAST, KEY, PRIMARY, WEST, LabCase, RunningLab


class ReplicationTests(LabCase):
    def backups(self, client=None) -> list[dict]:
        return (client or self.west).describe_db_instance_automated_backups(
            DBInstanceIdentifier=PRIMARY)["DBInstanceAutomatedBackups"]

    def latest(self, name: str, arn: str) -> dict:
        self.west.restore_db_instance_to_point_in_time(
            SourceDBInstanceAutomatedBackupsArn=arn, TargetDBInstanceIdentifier=name,
            UseLatestRestorableTime=True)
        self.addCleanup(self.gone, self.west, name)
        return self.usable(self.west, name)

    def test_theReplicaTrailsAndCatchesUp(self):
        written = self.person(920001)
        self.wait("home has it", lambda: self.window(self.east) > written)
        self.assertLess(self.window(self.west), self.window(self.east))
        self.wait("the replica has it", lambda: self.window(self.west) > written, 15)
        restored = self.latest("trailing", self.backups()[0]["DBInstanceAutomatedBackupsArn"])
        self.assertEqual(self.people(restored, 920001), [920001])

    def test_aStalledReplicaStaysWhereItIs(self):
        self.lab.fault(kind="replication")
        written = self.person(920002)
        self.wait("home has it", lambda: self.window(self.east) > written + timedelta(seconds=8))
        self.assertLess(self.window(self.west), written)
        restored = self.latest("stalled", self.backups()[0]["DBInstanceAutomatedBackupsArn"])
        self.assertEqual(self.people(restored, 920002), [])
        self.lab.run("faults", "clear")
        self.wait("the replica has it", lambda: self.window(self.west) > written)

    def test_onlyItsOwnArnRestoresAReplica(self):
        replica, home = self.backups()[0], self.backups(self.east)[0]
        self.assertEqual((replica["Status"], home["Status"]), ("replicating", "active"))
        self.assertIn(f":{WEST}:", replica["DBInstanceAutomatedBackupsArn"])
        self.assertIn(f":kms:{WEST}:", replica["KmsKeyId"])
        self.assertEqual(home["DBInstanceAutomatedBackupsReplications"], [
            {"DBInstanceAutomatedBackupsArn": replica["DBInstanceAutomatedBackupsArn"]}])
        restore = self.west.restore_db_instance_to_point_in_time
        self.refused("DBInstanceNotFound", restore, SourceDBInstanceIdentifier=PRIMARY,
                     TargetDBInstanceIdentifier="never", UseLatestRestorableTime=True)
        self.refused("DBInstanceAutomatedBackupNotFound", restore, UseLatestRestorableTime=True,
                     SourceDbiResourceId=replica["DbiResourceId"], TargetDBInstanceIdentifier="never")

    def test_replicationIsStartedStoppedAndDeleted(self):
        # In a third region, so that the others' replica stays.
        other = self.lab.client("eu-west-1")
        key = self.lab.client("eu-west-1", "kms").create_key()["KeyMetadata"]["Arn"]
        source = self.instance(self.east)["DBInstanceArn"]
        start = other.start_db_instance_automated_backups_replication
        self.refused("InvalidParameterValue", start, SourceDBInstanceArn=source)
        self.refused("DBInstanceNotFound", start, SourceDBInstanceArn=source + "-not", KmsKeyId=key)
        stop = other.stop_db_instance_automated_backups_replication
        self.refused("InvalidDBInstanceState", stop, SourceDBInstanceArn=source)
        self.refused("DBInstanceNotFound", stop, SourceDBInstanceArn=source + "-not")
        self.usable(self.east)
        made = start(SourceDBInstanceArn=source, KmsKeyId=key, BackupRetentionPeriod=3,
                     SourceRegion=EAST)["DBInstanceAutomatedBackup"]
        self.assertEqual((made["Status"], made["BackupRetentionPeriod"]), ("pending", 3))
        self.assertNotIn("RestoreWindow", made)
        self.refused("InvalidDBInstanceAutomatedBackupState", start, SourceDBInstanceArn=source, KmsKeyId=key)
        self.wait("a window", lambda: "RestoreWindow" in self.backups(other)[0])
        self.assertEqual(self.backups(other)[0]["Status"], "replicating")
        stopped = stop(SourceDBInstanceArn=source)
        self.assertEqual(stopped["DBInstanceAutomatedBackup"]["Status"], "retained")
        self.refused("InvalidDBInstanceState", stop, SourceDBInstanceArn=source)
        written = self.person(920003)
        self.wait("home goes on", lambda: self.window(self.west) > written)
        self.assertLess(self.window(other), written)
        arn = made["DBInstanceAutomatedBackupsArn"]
        other.delete_db_instance_automated_backup(DBInstanceAutomatedBackupsArn=arn)
        self.assertEqual(self.backups(other), [])
        self.refused("DBInstanceAutomatedBackupNotFound", other.delete_db_instance_automated_backup,
                     DBInstanceAutomatedBackupsArn=arn)
        self.refused("InvalidDBInstanceAutomatedBackupState", self.east.delete_db_instance_automated_backup,
                     DBInstanceAutomatedBackupsArn=self.backups(self.east)[0]["DBInstanceAutomatedBackupsArn"])


class LossTests(LabCase):
    def test_aLostRegionLeavesItsReplicaAtWhatHadCome(self):
        port = self.instance(self.east)
        self.lab.run("lose-region", EAST)
        with self.assertRaises(ConnectionClosedError):
            self.east.describe_db_instances()
        before = self.window(self.west)
        self.sql("insert into people values (930001, 'Too late', now())", port)
        # Longer than it takes a row to be archived and copied.
        self.sql("select pg_sleep(12)", port)
        self.assertEqual(self.window(self.west), before)
        found = self.west.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"][0]
        self.west.restore_db_instance_to_point_in_time(
            SourceDBInstanceAutomatedBackupsArn=found["DBInstanceAutomatedBackupsArn"],
            TargetDBInstanceIdentifier="after-loss", UseLatestRestorableTime=True)
        self.assertEqual(self.people(self.usable(self.west, "after-loss"), 930001), [])
        self.refused("InternalFailure", self.west.copy_db_snapshot, KmsKeyId=KEY,
                     SourceDBSnapshotIdentifier=f"arn:aws:rds:{EAST}:123456789012:snapshot:any",
                     TargetDBSnapshotIdentifier="never")


class EndTests(LabCase):
    @classmethod
    def setUpClass(cls) -> None:
        """Its test ends its lab itself."""

    def setUp(self) -> None:
        self.lab = RunningLab()
        self.east, self.west = self.lab.client(EAST), self.lab.client(WEST)

    def test_downLeavesNoProcessAndNoFile(self):
        self.assertTrue([p for p in self.lab.processes() if "postgres" in p])
        # With everything at work that the lab does in the background.
        self.east.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="half-made", DBSnapshotIdentifier="mosaic-prod-core-manual")
        self.west.copy_db_snapshot(SourceDBSnapshotIdentifier="mosaic-prod-core-copy",
                                   TargetDBSnapshotIdentifier="half-copied")
        self.east.create_db_snapshot(DBInstanceIdentifier=PRIMARY, DBSnapshotIdentifier="half-taken")
        self.lab.down()
        self.assertEqual(self.lab.processes(), [])
        self.assertFalse(self.lab.parent.exists())
