"""Read replicas: hot standbys that stream from their source, within a region and across; promotion;
and the takeover by a Multi-AZ instance's standby."""
import time

from . import platform, postgres
from .model import Form, Instance, RDSError
from .restores import DEFAULTS, Restores


class Replicas(Restores):
    def do_CreateDBInstanceReadReplica(self, region, form):
        given = form["SourceDBInstanceIdentifier"]
        if "DBParameterGroupName" in form:
            raise RDSError("InvalidParameterCombination", "A parameter group can't be specified during "
                           "Read Replica creation for the following DB engine: postgres.")
        home, name = given.split(":")[3::3] if given.startswith("arn:") else (region, given)
        if home in self.lost:
            raise RDSError("InternalFailure", f"{home} does not answer.", 500)
        source = self.available(home, name)
        if source.values["BackupRetentionPeriod"] == "0":
            raise RDSError("InvalidDBInstanceState", "Automated backups are not enabled for this "
                           "database instance. To enable automated backups, modify it.")
        key = self.replica_key(region, source, form.get("KmsKeyId"))
        instance = self.make(region, form.name("DBInstanceIdentifier", 63), form, key)
        instance.values |= {"BackupRetentionPeriod": "0"}
        if home == region:
            instance.values |= {"parameters": source.values["parameters"]}
        self.follow(instance, source)
        return self.describe(instance)

    def replica_key(self, region: str, source: Instance, key: str | None) -> str | None:
        if source.kms and source.region != region and not key:
            raise RDSError("InvalidParameterValue", "Must specify a KMS key of this region for a replica "
                           "of an encrypted instance.")
        return platform.key(region, key) if key else source.kms

    def follow(self, instance: Instance, source: Instance) -> None:
        """Makes the instance a standby of the source."""
        shown = source.arn if source.region != instance.region else source.name
        instance.values |= {"ReadReplicaSourceDBInstanceIdentifier": shown}
        instance.source = source
        self.begin(self.replicate_instance, instance, source)

    def replicate_instance(self, instance: Instance, source: Instance) -> None:
        try:
            while self.faults.holds(instance.name):
                time.sleep(0.1)
            folder = self.folder / "instances" / f"{instance.name}-{instance.resource}"
            folder.parent.mkdir(exist_ok=True)
            cluster = postgres.standby(source.cluster, folder, self.tls)
        except Exception as problem:
            instance.note(f"Replication failed: {problem}")
            instance.status = "failed"
            return
        self.serve(instance, cluster, "Read replica created.")

    def do_PromoteReadReplica(self, region, form):
        instance = self.instance(region, form["DBInstanceIdentifier"])
        if "ReadReplicaSourceDBInstanceIdentifier" not in instance.values:
            raise RDSError("InvalidDBInstanceState", f"DB Instance {instance.name} is not a read replica.")
        if instance.status != "available":
            raise RDSError("InvalidDBInstanceState", f"Instance {instance.name} is not available.")
        instance.status = "modifying"
        instance.values["BackupRetentionPeriod"] = form.get("BackupRetentionPeriod", "1")
        self.begin(self.promote, instance)
        return self.describe(instance)

    def promote(self, instance: Instance) -> None:
        try:
            instance.cluster.sql("select pg_promote(true, 60)", "postgres")
        except Exception as problem:
            instance.note(f"Promotion failed: {problem}")
            instance.turn("modifying", "failed")
            return
        instance.turn("modifying", "rebooting")
        time.sleep(0.5)
        with self.lock:
            instance.values.pop("ReadReplicaSourceDBInstanceIdentifier", None)
            instance.source = None
            instance.note("Promoted read replica to a stand-alone database instance.")
            instance.turn("rebooting", "available")

    def fail_over(self, instance: Instance) -> None:
        """The standby has the same blocks, so that it recovers as from a crash."""
        if fault := self.faults.take("failover", instance.name):
            instance.note(fault.get("event", "Abandoning user requested failover since a failover recently "
                                             "occurred on the database instance."))
            instance.turn("rebooting", "available")
            return
        instance.note("Multi-AZ instance failover started.")
        try:
            instance.cluster.restart("immediate", pause=1.0)
        except Exception as problem:
            instance.note(f"Failover failed: {problem}")
            instance.turn("rebooting", "failed")
            return
        with self.lock:
            instance.zones.reverse()
            instance.note("Multi-AZ instance failover completed.")
            instance.turn("rebooting", "available")


def seed(rds: Replicas, source: Instance, region: str, name: str) -> None:
    """The replica that stands by in the other region; it can have replicas itself."""
    form = Form({"DBSubnetGroupName": "dr-private", "DBParameterGroupName": "mosaic-pg15"})
    instance = rds.make(region, name, form, platform.key(region, platform.KEY))
    instance.tags, instance.values["BackupRetentionPeriod"] = dict(source.tags), "1"
    rds.follow(instance, source)
