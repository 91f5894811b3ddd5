"""Aurora clusters: their storage is a PostgreSQL data folder, which an instance's server opens."""
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from . import platform, postgres, xml
from .model import ACCOUNT, Backups, Form, Instance, Noted, RDSError, Snapshot, arn, now
from .restores import Restores, recovery_to


@dataclass
class Cluster(Noted):
    region: str
    name: str
    values: dict
    tags: dict
    kms: str | None
    status: str = "creating"
    resource: str = field(default_factory=lambda: "cluster-" + uuid.uuid4().hex.upper()[:26])
    created: datetime = field(default_factory=now)
    # What its first instance opens: a base backup, and how it is recovered.
    storage: tuple[Path, dict] | None = None
    members: list[Instance] = field(default_factory=list)
    backups: Backups | None = None
    events: list = field(default_factory=list)
    kind = "db-cluster"

    @property
    def arn(self) -> str:
        return arn(self.region, "cluster", self.name)

    @property
    def writer(self) -> Instance | None:
        return self.members[0] if self.members else None


# Of a restored cluster; its backups are kept for as long as its source's (RDS API Reference,
# RestoreDBClusterFromSnapshot).
DEFAULTS = {"BackupRetentionPeriod": "14", "DeletionProtection": "false",
            "IAMDatabaseAuthenticationEnabled": "false", "CopyTagsToSnapshot": "false"}


class Clusters(Restores):
    def cluster(self, region: str, name: str) -> Cluster:
        found = self.clusters.get((region, name.lower()))
        if not found:
            raise RDSError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
        return found

    def do_DescribeDBClusters(self, region, form):
        if name := form.get("DBClusterIdentifier"):
            found = [self.cluster(region, name)]
        else:
            found = [c for (r, _), c in self.clusters.items() if r == region]
        return xml.some("DBClusters", [xml.cluster(c) for c in found])

    def do_DescribeDBClusterSnapshots(self, region, form):
        wanted = form.get("DBClusterSnapshotIdentifier")
        found = [s for s in self.cluster_snapshots if s.region == region
                 and (not wanted or wanted.lower() in (s.name, s.arn))
                 and s.instance == form.get("DBClusterIdentifier", s.instance)]
        if wanted and not found:
            raise RDSError("DBClusterSnapshotNotFoundFault", f"{wanted} not found.", 404)
        return xml.some("DBClusterSnapshots", [xml.cluster_snapshot(s) for s in found])

    def do_RestoreDBClusterFromSnapshot(self, region, form):
        wanted = form["SnapshotIdentifier"]
        found = [s for s in self.cluster_snapshots if s.region == region and wanted.lower() in (s.name, s.arn)]
        if not found:
            raise RDSError("DBClusterSnapshotNotFoundFault", f"{wanted} not found.", 404)
        if not form["Engine"].startswith("aurora-postgresql"):
            raise RDSError("InvalidParameterValue", "The engine is not the snapshot's.")
        return self.make_cluster(region, form, found[0].kms, (
            found[0].base, {"recovery_target": "immediate", "restore_command": "false"}))

    def do_RestoreDBClusterToPointInTime(self, region, form):
        source = self.cluster(region, form["SourceDBClusterIdentifier"])
        if not source.backups:
            raise RDSError("InvalidRestoreFault", f"{source.name} has no backups.")
        recovery = recovery_to(source.backups, form, "RestoreToTime")
        return self.make_cluster(region, form, source.kms, (source.backups.base, recovery))

    def make_cluster(self, region: str, form: Form, kms: str | None, storage) -> str:
        name = form.name("DBClusterIdentifier", 63)
        if (region, name) in self.clusters:
            raise RDSError("DBClusterAlreadyExistsFault", f"DB cluster {name} already exists.")
        platform.check_groups(region, form.get("DBSubnetGroupName"), None)
        key = form.get("KmsKeyId")
        kms = platform.key(region, key) if key else kms
        values = DEFAULTS | {k: form[k] for k in DEFAULTS if k in form} | {
            "subnet": form.get("DBSubnetGroupName", "default"),
            "parameters": form.get("DBClusterParameterGroupName", "default.aurora-postgresql15"),
            "security": form.members("VpcSecurityGroupIds"),
            "IAMDatabaseAuthenticationEnabled": form.get("EnableIAMDatabaseAuthentication", "false")}
        cluster = Cluster(region, name, values, form.tags(), kms, storage=storage)
        self.clusters[(region, name)] = cluster
        self.begin(self.ready_cluster, cluster)
        return xml.cluster(cluster)

    def ready_cluster(self, cluster: Cluster) -> None:
        time.sleep(0.5)
        if fault := self.faults.take("status", cluster.name):
            cluster.note(fault.get("event", f"The cluster went to {fault['status']}."))
            cluster.status = fault["status"]
            return
        cluster.turn("creating", "available")

    def do_ModifyDBCluster(self, region, form):
        cluster = self.cluster(region, form["DBClusterIdentifier"])
        if cluster.status != "available":
            raise RDSError("InvalidDBClusterStateFault", f"DBCluster {cluster.name} is not available.")
        wanted = {k: form[k] for k in DEFAULTS if k in form}
        if flag := form.get("EnableIAMDatabaseAuthentication"):
            wanted["IAMDatabaseAuthenticationEnabled"] = flag
        if group := form.get("DBClusterParameterGroupName"):
            platform.check_cluster_group(region, group)
            wanted["parameters"] = group
        if groups := form.members("VpcSecurityGroupIds"):
            wanted["security"] = groups
        if logs := form.members("CloudwatchLogsExportConfiguration.EnableLogTypes"):
            wanted["exports"] = sorted({*cluster.values.get("exports", []), *logs})
        self.begin(self.change_cluster, cluster, wanted)
        return xml.cluster(cluster)

    def change_cluster(self, cluster: Cluster, wanted: dict) -> None:
        time.sleep(0.3)
        cluster.turn("available", "modifying")
        time.sleep(0.5)
        with self.lock:
            cluster.values |= wanted
            cluster.turn("modifying", "available")

    def do_CreateDBInstance(self, region, form):
        cluster = self.cluster(region, form["DBClusterIdentifier"])
        if cluster.status != "available":
            raise RDSError("InvalidDBClusterStateFault", f"DBCluster {cluster.name} is not available.")
        name = form.name("DBInstanceIdentifier", 63)
        insights = form.get("EnablePerformanceInsights", "false")
        instance = self.make(region, name, Form(form | {
            "DBSubnetGroupName": cluster.values["subnet"], "PerformanceInsightsEnabled": insights}), cluster.kms)
        instance.values |= {"Engine": "aurora-postgresql", "DBClusterIdentifier": cluster.name,
                            "security": cluster.values["security"]}
        instance.cluster_of = cluster
        cluster.members.append(instance)
        self.begin(self.open if cluster.writer is instance else self.share, instance, cluster)
        return self.describe(instance)

    def open(self, instance: Instance, cluster: Cluster) -> None:
        self.restore(instance, *cluster.storage)

    def share(self, instance: Instance, cluster: Cluster) -> None:
        """A reader follows the writer."""
        for _ in range(600):
            if cluster.writer.status == "available":
                break
            time.sleep(0.1)
        self.replicate_instance(instance, cluster.writer)

    def do_DeleteDBCluster(self, region, form):
        cluster = self.cluster(region, form["DBClusterIdentifier"])
        if cluster.members:
            raise RDSError("InvalidDBClusterStateFault", "Cluster cannot be deleted, it still contains DB "
                           "instances in non-deleting state.")
        if cluster.values["DeletionProtection"] == "true":
            raise RDSError("InvalidParameterCombination", "Cannot delete protected Cluster, please disable "
                           "deletion protection and try again.")
        if cluster.status == "deleting":
            raise RDSError("InvalidDBClusterStateFault", f"{cluster.name} is being deleted.")
        if not form.wants("SkipFinalSnapshot"):
            raise RDSError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required.")
        cluster.status = "deleting"
        self.begin(self.delete_cluster, cluster)
        return xml.cluster(cluster)

    def delete_cluster(self, cluster: Cluster) -> None:
        time.sleep(0.5)
        with self.lock:
            self.clusters.pop((cluster.region, cluster.name), None)


def seed(rds: Clusters, primary: Instance, backups: Backups, regions: list[str], name: str, link) -> None:
    """A cluster over the same server and backups as the primary, and its snapshots."""
    values = {"subnet": "prod-private", "security": primary.values["security"],
              "parameters": platform.CLUSTER_GROUP, "exports": ["postgresql"], "BackupRetentionPeriod": "14",
              "DeletionProtection": "true", "IAMDatabaseAuthenticationEnabled": "true", "CopyTagsToSnapshot": "true"}
    source = Cluster(primary.region, name, values, dict(primary.tags), primary.kms, status="available",
                     members=[primary], backups=backups)
    rds.clusters[(primary.region, name)] = source
    for region in regions:
        suffix = "manual" if region == primary.region else "copy"
        snapshot = Snapshot(region, f"{name}-{suffix}", name, source.resource, rds.place("snapshots"),
                            platform.key(region, platform.KEY), data_at=backups.since, status="available",
                            progress=100, original=backups.since,
                            source=None if suffix == "manual" else
                            f"arn:aws:rds:{primary.region}:{ACCOUNT}:cluster-snapshot:{name}-manual")
        link(backups.base, snapshot.base)
        rds.cluster_snapshots.append(snapshot)


def forget(instance: Instance) -> None:
    """An instance that is gone is no member any more; its storage is the cluster's and goes with it."""
    if instance.cluster_of:
        instance.cluster_of.members.remove(instance)
