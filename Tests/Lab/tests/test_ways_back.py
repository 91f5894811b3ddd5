"""Replicas, promotion, failover and Aurora clusters."""
from .running import EAST, KEY, PRIMARY, LabCase

REPLICA, CLUSTER = "mosaic-prod-core-replica", "mosaic-prod-aurora"


class WaysBackTests(LabCase):
    def replicate(self, name: str, source: str = REPLICA) -> dict:
        self.usable(self.west, source)
        self.west.create_db_instance_read_replica(
            DBInstanceIdentifier=name, SourceDBInstanceIdentifier=source, DBSubnetGroupName="dr-private")
        self.addCleanup(self.gone, self.west, name)
        return self.usable(self.west, name)

    def test_aReplicaOfAReplicaFollowsAndIsPromotedAlone(self):
        standby = self.usable(self.west, REPLICA)
        self.assertIn(PRIMARY, standby["ReadReplicaSourceDBInstanceIdentifier"])
        self.assertEqual(standby["StatusInfos"][0]["Status"], "replicating")
        copy = self.replicate("cascade")
        self.refused("InvalidDBInstanceState", self.west.create_db_instance_read_replica,
                     DBInstanceIdentifier="never", SourceDBInstanceIdentifier="cascade")
        arn = self.usable(self.east)["DBInstanceArn"]
        self.assertIn("KMS", self.refused(
            "InvalidParameterValue", self.west.create_db_instance_read_replica,
            DBInstanceIdentifier="never", SourceDBInstanceIdentifier=arn, SourceRegion=EAST))
        self.person(930001)
        self.wait("the row arrives", lambda: self.people(copy, 930001))
        self.west.promote_read_replica(DBInstanceIdentifier="cascade", BackupRetentionPeriod=2)
        self.refused("InvalidDBInstanceState", self.west.promote_read_replica, DBInstanceIdentifier="cascade")
        after = self.usable(self.west, "cascade")
        self.assertNotIn("ReadReplicaSourceDBInstanceIdentifier", after)
        self.assertEqual(after["BackupRetentionPeriod"], 2)
        self.assertEqual(self.sql("select pg_is_in_recovery()", after), "f")
        self.sql("insert into people values (930002, 'After', now())", after)
        self.assertEqual(self.sql("select pg_is_in_recovery()", self.instance(self.west, REPLICA)), "t")
        self.refused("InvalidDBInstanceState", self.west.promote_read_replica, DBInstanceIdentifier="cascade")

    def test_aFailoverChangesZonesAndRunsOnTheSamePort(self):
        before = self.restored("zones", MultiAZ=True)
        self.sql("insert into people values (930003, 'Committed', now())", before)
        self.east.reboot_db_instance(DBInstanceIdentifier="zones", ForceFailover=True)
        after = self.usable(self.east, "zones")
        self.assertEqual((after["AvailabilityZone"], after["SecondaryAvailabilityZone"]),
                         (before["SecondaryAvailabilityZone"], before["AvailabilityZone"]))
        self.assertEqual(self.people(after, 930003), [930003])

    def restored(self, name: str, **more) -> dict:
        self.east.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name, DBSnapshotIdentifier="mosaic-prod-core-manual", **more)
        self.addCleanup(self.gone, self.east, name)
        return self.usable(self.east, name)

    def test_aClusterHasNoServerUntilItHasAnInstance(self):
        self.refused("DBClusterNotFoundFault", self.east.describe_db_clusters, DBClusterIdentifier="nobody")
        self.refused("DBClusterSnapshotNotFoundFault", self.west.restore_db_cluster_from_snapshot,
                     DBClusterIdentifier="never", SnapshotIdentifier="nothing", Engine="aurora-postgresql")
        self.west.restore_db_cluster_from_snapshot(
            DBClusterIdentifier="again", SnapshotIdentifier=f"{CLUSTER}-copy", Engine="aurora-postgresql",
            DBSubnetGroupName="dr-private", KmsKeyId=KEY)

        def cluster():
            return self.west.describe_db_clusters(DBClusterIdentifier="again")["DBClusters"][0]
        self.wait("the cluster", lambda: cluster()["Status"] == "available")
        self.assertNotIn("Endpoint", cluster())
        for number in (1, 2):
            self.west.create_db_instance(DBInstanceIdentifier=f"again-{number}", DBClusterIdentifier="again",
                                         Engine="aurora-postgresql", DBInstanceClass="db.r6g.large")
        writer, reader = self.usable(self.west, "again-1"), self.usable(self.west, "again-2")
        self.assertEqual(cluster()["Port"], writer["Endpoint"]["Port"])
        self.assertEqual([m["IsClusterWriter"] for m in cluster()["DBClusterMembers"]], [True, False])
        self.sql("insert into people values (930004, 'Shared', now())", writer)
        self.wait("the reader sees it", lambda: self.people(reader, 930004))
        self.refused("InvalidDBClusterStateFault", self.west.delete_db_cluster, DBClusterIdentifier="again",
                     SkipFinalSnapshot=True)
        for number in (2, 1):
            self.gone(self.west, f"again-{number}")
        self.west.delete_db_cluster(DBClusterIdentifier="again", SkipFinalSnapshot=True)
        self.wait("the cluster is gone", lambda: "again" not in [
            c["DBClusterIdentifier"] for c in self.west.describe_db_clusters()["DBClusters"]])
