"""Instances: restored to a moment, rebooted, changed, deleted."""
import time
from datetime import timedelta

from .running import PRIMARY, LabCase

MANUAL = "mosaic-prod-core-manual"


class InstanceTests(LabCase):
    def test_aMomentBetweenTwoRowsHasTheFirstOnly(self):
        first = self.person(910001)
        # RDS restores to whole seconds.
        time.sleep(2.1)
        self.person(910002)
        moment = (first + timedelta(seconds=1)).replace(microsecond=0)
        self.refused("InvalidRestoreFault", self.east.restore_db_instance_to_point_in_time,
                     SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier="never",
                     RestoreTime=moment + timedelta(minutes=5))
        self.wait("the moment is restorable", lambda: self.window(self.east) > moment + timedelta(seconds=1))
        self.east.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier="between", RestoreTime=moment)
        self.addCleanup(self.gone, self.east, "between")
        self.assertEqual(self.people(self.usable(self.east, "between"), 910001, 910002), [910001])

    def test_aRebootAppliesPendingParameters(self):
        self.lab.fault(kind="parameters", instance="reboot")
        restored = self.restore(self.east, MANUAL, "reboot")
        self.assertEqual(restored["DBParameterGroups"][0]["ParameterApplyStatus"], "pending-reboot")
        began = self.sql("select pg_postmaster_start_time()", restored)
        answer = self.east.reboot_db_instance(DBInstanceIdentifier="reboot")["DBInstance"]
        self.assertEqual(answer["DBInstanceStatus"], "rebooting")
        self.refused("InvalidDBInstanceState", self.east.reboot_db_instance, DBInstanceIdentifier="reboot")
        after = self.usable(self.east, "reboot")
        self.assertEqual(after["DBParameterGroups"][0]["ParameterApplyStatus"], "in-sync")
        self.assertGreater(self.sql("select pg_postmaster_start_time()", after), began)
        events = self.east.describe_events(SourceType="db-instance", SourceIdentifier="reboot")["Events"]
        self.assertIn("DB instance restarted", [e["Message"] for e in events])
        self.refused("InvalidParameterCombination", self.east.reboot_db_instance,
                     DBInstanceIdentifier="reboot", ForceFailover=True)
        self.refused("DBInstanceNotFound", self.east.reboot_db_instance, DBInstanceIdentifier="nobody")

    def test_withoutTheFaultParametersAreInSync(self):
        restored = self.restore(self.east, MANUAL, "in-sync")
        self.assertEqual(restored["DBParameterGroups"][0]["ParameterApplyStatus"], "in-sync")

    def test_theHeartbeatOutlivesAReboot(self):
        before = int(self.sql("select max(seq) from dr_heartbeat"))
        self.usable(self.east)
        self.east.reboot_db_instance(DBInstanceIdentifier=PRIMARY)
        self.usable(self.east)
        self.wait("beats", lambda: int(self.sql("select max(seq) from dr_heartbeat")) > before + 4)

    def test_aDeferredChangeIsPendingUntilTheReboot(self):
        self.restore(self.east, MANUAL, "pending")
        answer = self.east.modify_db_instance(
            DBInstanceIdentifier="pending", DBInstanceClass="db.r6g.xlarge", MultiAZ=True,
            MonitoringInterval=60)["DBInstance"]
        self.assertEqual(answer["PendingModifiedValues"],
                         {"DBInstanceClass": "db.r6g.xlarge", "MultiAZ": True})
        self.wait("the other change", lambda: self.instance(self.east, "pending")["MonitoringInterval"] == 60)
        now = self.usable(self.east, "pending")
        self.assertEqual(now["DBInstanceClass"], "db.r6g.large")
        self.east.reboot_db_instance(DBInstanceIdentifier="pending")
        now = self.usable(self.east, "pending")
        self.assertEqual((now["DBInstanceClass"], now["MultiAZ"], now["PendingModifiedValues"]),
                         ("db.r6g.xlarge", True, {}))

    def test_anImmediateChangeIsAppliedWithWhatWasPending(self):
        self.restore(self.east, MANUAL, "immediate")
        self.east.modify_db_instance(DBInstanceIdentifier="immediate", DBInstanceClass="db.r6g.xlarge")
        answer = self.east.modify_db_instance(DBInstanceIdentifier="immediate", AllocatedStorage=200,
                                              ApplyImmediately=True)["DBInstance"]
        self.assertEqual(answer["PendingModifiedValues"],
                         {"DBInstanceClass": "db.r6g.xlarge", "AllocatedStorage": 200})
        self.wait("applied", lambda: not self.instance(self.east, "immediate")["PendingModifiedValues"])
        now = self.usable(self.east, "immediate")
        self.assertEqual((now["DBInstanceClass"], now["AllocatedStorage"]), ("db.r6g.xlarge", 200))

    def test_anotherParameterGroupWaitsForAReboot(self):
        self.restore(self.east, MANUAL, "group")
        self.refused("DBParameterGroupNotFound", self.east.modify_db_instance,
                     DBInstanceIdentifier="group", DBParameterGroupName="nowhere")
        self.east.modify_db_instance(DBInstanceIdentifier="group", DBParameterGroupName="mosaic-pg15")

        def group():
            return self.instance(self.east, "group")["DBParameterGroups"][0]
        self.wait("the group", lambda: group()["DBParameterGroupName"] == "mosaic-pg15")
        self.assertEqual(group()["ParameterApplyStatus"], "pending-reboot")

    def test_aDeletedInstanceLeavesItsFinalSnapshot(self):
        self.east.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="dying", DBSnapshotIdentifier=MANUAL)
        restored = self.usable(self.east, "dying")
        self.sql("insert into people values (910009, 'Last', now())", restored)
        self.refused("InvalidParameterCombination", self.east.delete_db_instance, DBInstanceIdentifier="dying")
        self.east.delete_db_instance(DBInstanceIdentifier="dying", FinalDBSnapshotIdentifier="last-words")
        self.wait("gone", lambda: "dying" not in self.lab.run("servers"))
        again = self.restore(self.east, "last-words", "again")
        self.assertEqual(self.people(again, 910009), [910009])

    def test_missingTakenAndWrong(self):
        restore = self.east.restore_db_instance_from_db_snapshot
        self.refused("DBInstanceAlreadyExists", restore, DBInstanceIdentifier=PRIMARY.upper(),
                     DBSnapshotIdentifier=MANUAL)
        self.refused("DBSnapshotNotFound", restore, DBInstanceIdentifier="never",
                     DBSnapshotIdentifier="nothing")
        self.refused("DBSubnetGroupNotFoundFault", restore, DBInstanceIdentifier="never",
                     DBSnapshotIdentifier=MANUAL, DBSubnetGroupName="nowhere")
        self.refused("DBInstanceNotFound", self.east.modify_db_instance, DBInstanceIdentifier="nobody")
        self.assertIn("protected", self.refused(
            "InvalidParameterCombination", self.east.delete_db_instance, DBInstanceIdentifier=PRIMARY,
            SkipFinalSnapshot=True))
        self.refused("InvalidParameterCombination", self.east.describe_events, SourceIdentifier=PRIMARY)
        self.refused("InvalidParameterCombination", self.east.restore_db_instance_to_point_in_time,
                     SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier="never")
        self.assertNotIn("never", self.lab.run("servers"))
