"""Snapshots are the database as it was, here and in the other region."""
import datetime

from .running import EAST, KEY, PRIMARY, WEST, LabCase


class SnapshotTests(LabCase):
    def test_aSnapshotHasWhatWasWrittenBeforeItAndNotAfter(self):
        self.sql("delete from people where id in (900001, 900002)")
        written = self.person(900001)
        answer = self.take(self.name, Tags=[{"Key": "Why", "Value": "a <test> & more"}])
        self.assertEqual((answer["Status"], answer["SnapshotType"]), ("creating", "manual"))
        self.assertNotIn("SnapshotDatabaseTime", answer)
        seen, statuses = [], []

        def done():
            found = self.snapshot(self.east, self.name)
            seen.append(found["PercentProgress"])
            if found["Status"] == "creating":
                statuses.append(self.instance(self.east)["DBInstanceStatus"])
            return found if found["Status"] == "available" else None
        made = self.wait("the snapshot is available", done)
        after = self.person(900002)
        self.assertEqual(statuses[0], "backing-up")
        self.assertEqual((seen, seen[-1]), (sorted(seen), 100))
        self.assertTrue(any(0 < share < 100 for share in seen), seen)
        self.assertTrue(written.timestamp() - 0.001 <= made["SnapshotDatabaseTime"].timestamp()
                        < after.timestamp())
        self.assertEqual(made["TagList"], [{"Key": "Why", "Value": "a <test> & more"}])
        self.assertEqual(made["DBSnapshotArn"], f"arn:aws:rds:{EAST}:123456789012:snapshot:{self.name}")
        self.assertEqual(made["KmsKeyId"], self.instance(self.east)["KmsKeyId"])
        restored = self.restore(self.east, self.name, "from-snapshot")
        self.assertEqual(self.people(restored, 900001, 900002), [900001])
        newest = self.sql("select max(written_at) from dr_heartbeat", restored)
        # What is written while the time is read may still get in.
        latest = made["SnapshotDatabaseTime"] + datetime.timedelta(seconds=1)
        self.assertLessEqual(newest, latest.strftime("%Y-%m-%d %H:%M:%S.999999"))

    def test_theDatabaseTimeIsThatOfTheLastTransaction(self):
        self.take(self.name)

        def done():
            # Written all the while: what is the last to get in comes late in the making.
            self.sql("insert into dr_heartbeat default values")
            return self.snapshot(self.east, self.name)["Status"] == "available"
        self.wait("the snapshot is available", done)
        made = self.snapshot(self.east, self.name)
        restored = self.restore(self.east, self.name, "database-time")
        newest = self.sql("select extract(epoch from max(written_at)) from dr_heartbeat", restored)
        # A heartbeat takes its time just before it is committed.
        self.assertLess(abs(made["SnapshotDatabaseTime"].timestamp() - float(newest)), 0.2)

    def test_aCopyInAnotherRegionIsTheSameData(self):
        self.sql("delete from people where id = 900003")
        self.person(900003)
        self.take(self.name, Tags=[{"Key": "From", "Value": "east"}])
        source = self.complete(self.east, self.name)
        words = {"SourceDBSnapshotIdentifier": source["DBSnapshotArn"], "SourceRegion": EAST,
                 "TargetDBSnapshotIdentifier": self.name}
        self.assertIn("Must specify new KMS key", self.refused(
            "InvalidParameterValue", self.west.copy_db_snapshot, **words))
        self.refused("KMSKeyNotAccessibleFault", self.west.copy_db_snapshot,
                     KmsKeyId=source["KmsKeyId"], **words)
        self.lab.fault(kind="hold", instance=self.name)
        answer = self.west.copy_db_snapshot(KmsKeyId=KEY, CopyTags=True, OptionGroupName="any",
                                            **words)["DBSnapshot"]
        self.assertEqual((answer["Status"], answer["PercentProgress"]), ("creating", 0))
        self.refused("InvalidDBSnapshotState", self.west.restore_db_instance_from_db_snapshot,
                     DBInstanceIdentifier="too-soon", DBSnapshotIdentifier=self.name)
        self.refused("InvalidDBSnapshotState", self.west.delete_db_snapshot,
                     DBSnapshotIdentifier=self.name)
        self.lab.run("faults", "clear")
        copy = self.complete(self.west, self.name)
        self.assertEqual(copy["SnapshotDatabaseTime"], source["SnapshotDatabaseTime"])
        self.assertEqual(copy["OriginalSnapshotCreateTime"], source["OriginalSnapshotCreateTime"])
        self.assertGreater(copy["SnapshotCreateTime"], source["SnapshotCreateTime"])
        self.assertEqual((copy["SourceDBSnapshotIdentifier"], copy["SourceRegion"]),
                         (source["DBSnapshotArn"], EAST))
        self.assertIn(f":kms:{WEST}:", copy["KmsKeyId"])
        self.assertEqual(copy["TagList"], [{"Key": "From", "Value": "east"}])
        # A copy of its own: it outlives its source.
        self.east.delete_db_snapshot(DBSnapshotIdentifier=self.name)
        self.refused("DBSnapshotNotFound", self.east.describe_db_snapshots, DBSnapshotIdentifier=self.name)
        restored = self.restore(self.west, self.name, "from-copy")
        self.assertEqual(self.people(restored, 900003), [900003])
        self.assertEqual(restored["KmsKeyId"], copy["KmsKeyId"])

    def test_aCopyInTheRegionKeepsItsKey(self):
        self.east.copy_db_snapshot(SourceDBSnapshotIdentifier="mosaic-prod-core-manual",
                                   TargetDBSnapshotIdentifier=self.name)
        copy = self.complete(self.east, self.name)
        self.assertEqual(copy["KmsKeyId"], self.instance(self.east)["KmsKeyId"])
        self.assertNotIn("SourceDBSnapshotIdentifier", copy)

    def test_aPlainSnapshotIsEncryptedByItsCopy(self):
        self.west.copy_db_snapshot(SourceDBSnapshotIdentifier="mosaic-plain-copy", KmsKeyId=KEY,
                                   TargetDBSnapshotIdentifier=self.name)
        self.assertFalse(self.snapshot(self.west, "mosaic-plain-copy")["Encrypted"])
        self.assertTrue(self.complete(self.west, self.name)["Encrypted"])

    def test_aDisabledKeyStopsCopiesAndRestores(self):
        kms = self.lab.client(WEST, "kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        self.west.copy_db_snapshot(SourceDBSnapshotIdentifier="mosaic-plain-copy", KmsKeyId=key,
                                   TargetDBSnapshotIdentifier=self.name)
        self.complete(self.west, self.name)
        kms.disable_key(KeyId=key.split("/")[1])
        self.refused("KMSKeyNotAccessibleFault", self.west.copy_db_snapshot, KmsKeyId=KEY,
                     SourceDBSnapshotIdentifier=self.name, TargetDBSnapshotIdentifier="never")
        self.refused("KMSKeyNotAccessibleFault", self.west.restore_db_instance_from_db_snapshot,
                     DBSnapshotIdentifier=self.name, DBInstanceIdentifier="never")

    def test_aCopyFailsWhenItsSourceIsDeletedUnderIt(self):
        self.east.copy_db_snapshot(SourceDBSnapshotIdentifier="mosaic-prod-core-manual",
                                   TargetDBSnapshotIdentifier="source")
        self.complete(self.east, "source")
        self.lab.fault(kind="hold", instance=self.name)
        self.east.copy_db_snapshot(SourceDBSnapshotIdentifier="source",
                                   TargetDBSnapshotIdentifier=self.name)
        self.east.delete_db_snapshot(DBSnapshotIdentifier="source")
        self.lab.run("faults", "clear")
        self.wait("the copy failed", lambda: self.snapshot(self.east, self.name)["Status"] == "failed")

    def test_aFaultFailsASnapshot(self):
        self.lab.fault(kind="snapshot", instance=self.name)
        self.take(self.name)
        self.wait("it failed", lambda: self.snapshot(self.east, self.name)["Status"] == "failed")
        self.usable(self.east)
        events = self.east.describe_events(SourceType="db-snapshot", SourceIdentifier=self.name)["Events"]
        self.assertIn("Snapshot failed: asked for by a test", [e["Message"] for e in events])
        self.assertEqual({e["SourceType"] for e in events}, {"db-snapshot"})

    def test_missingTakenAndWrong(self):
        take = self.east.create_db_snapshot
        self.refused("DBInstanceNotFound", take, DBInstanceIdentifier="nobody", DBSnapshotIdentifier="a")
        self.refused("DBSnapshotAlreadyExists", take, DBInstanceIdentifier=PRIMARY,
                     DBSnapshotIdentifier="Mosaic-Prod-Core-Manual")
        self.refused("InvalidParameterValue", take, DBInstanceIdentifier=PRIMARY, DBSnapshotIdentifier="a--b")
        self.refused("DBSnapshotAlreadyExists", self.east.copy_db_snapshot,
                     SourceDBSnapshotIdentifier="mosaic-prod-core-manual",
                     TargetDBSnapshotIdentifier="mosaic-prod-core-manual")
        self.refused("DBSnapshotNotFound", self.east.copy_db_snapshot,
                     SourceDBSnapshotIdentifier="nothing", TargetDBSnapshotIdentifier="b")
        # A snapshot of another region is named by its ARN.
        self.refused("DBSnapshotNotFound", self.west.copy_db_snapshot, KmsKeyId=KEY,
                     SourceDBSnapshotIdentifier="mosaic-prod-core-manual", TargetDBSnapshotIdentifier="b")
        self.refused("DBSnapshotNotFound", self.east.delete_db_snapshot, DBSnapshotIdentifier="nothing")
        automated = self.east.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]
        self.assertEqual([s["SnapshotType"] for s in automated], ["automated"])
        self.refused("InvalidDBSnapshotState", self.east.delete_db_snapshot,
                     DBSnapshotIdentifier=automated[0]["DBSnapshotIdentifier"])
        self.lab.fault(kind="hold", instance="busy")
        self.take("busy")
        self.refused("InvalidDBInstanceState", take, DBInstanceIdentifier=PRIMARY, DBSnapshotIdentifier="c")
        self.lab.run("faults", "clear")
        self.complete(self.east, "busy")
        self.usable(self.east)
        self.assertEqual(self.east.describe_db_snapshots(DBInstanceIdentifier="nobody")["DBSnapshots"], [])
