"""RDS's answers."""
from datetime import datetime, timezone
from xml.sax.saxutils import escape

from .model import Backups, Instance, Snapshot

HEALTHY = {"StatusType": "read replication", "Normal": True, "Status": "replicating"}

ENGINE = {"Engine": "postgres", "EngineVersion": "15.18"}


def iso(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def text(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return iso(value) if isinstance(value, datetime) else escape(str(value))


def fields(values: dict) -> str:
    """An element for every value that there is."""
    return "".join(f"<{k}>{text(v)}</{k}>" for k, v in values.items() if v is not None)


def some(name: str, elements: list[str]) -> str:
    return f"<{name}>{''.join(elements)}</{name}>"


def each(name: str, member: str, rows: list[dict]) -> str:
    return some(name, [some(member, [fields(row)]) for row in rows])


def tags(values: dict) -> str:
    return each("TagList", "Tag", [{"Key": k, "Value": v} for k, v in values.items()])


def replications(replicas: list[Backups]) -> str:
    name = "DBInstanceAutomatedBackupsReplication"
    return each(name + "s", name, [{"DBInstanceAutomatedBackupsArn": b.arn} for b in replicas])


def instance(i: Instance, home: Backups | None, replicas: list[Backups], applied: str) -> str:
    values = {k: v for k, v in i.values.items() if k[0].isupper()}
    values["AvailabilityZone"] = i.region + i.zones[0]
    if values["MultiAZ"] == "true":
        values["SecondaryAvailabilityZone"] = i.region + i.zones[1]
    return some("DBInstance", [
        fields({"DBInstanceIdentifier": i.name, "DBInstanceStatus": i.status, "DBInstanceArn": i.arn,
                "DbiResourceId": i.resource, "InstanceCreateTime": i.created, "KmsKeyId": i.kms,
                "StorageEncrypted": i.kms is not None,
                "LatestRestorableTime": home.latest() if home else None} | ENGINE | values),
        some("Endpoint", [fields({"Address": "127.0.0.1", "Port": i.port})]) if i.port else "",
        some("DBSubnetGroup", [fields({"DBSubnetGroupName": i.values["subnet"]})]),
        each("DBParameterGroups", "DBParameterGroup", [{
            "DBParameterGroupName": i.values["parameters"], "ParameterApplyStatus": applied}]),
        groups_and_logs(i.values),
        each("OptionGroupMemberships", "OptionGroupMembership", [
            {"OptionGroupName": "default:postgres-15", "Status": "in-sync"}]),
        each("StatusInfos", "DBInstanceStatusInfo", [replication(i)] if i.source else []),
        some("PendingModifiedValues", [fields(i.pending)]), replications(replicas), tags(i.tags)])


def groups_and_logs(values: dict) -> str:
    groups = [{"VpcSecurityGroupId": group, "Status": "active"} for group in values["security"]]
    return each("VpcSecurityGroups", "VpcSecurityGroupMembership", groups) + some(
        "EnabledCloudwatchLogsExports", [f"<member>{log}</member>" for log in values.get("exports", [])])


def replication(i: Instance) -> dict:
    lost = not i.source.cluster or i.source.cluster.ended
    return HEALTHY | ({"Normal": False, "Status": "error"} if lost else {})


def cluster(c) -> str:
    endpoint = c.writer and c.writer.port and {"Endpoint": "127.0.0.1", "Port": c.writer.port}
    window = c.backups and c.backups.latest() and {
        "EarliestRestorableTime": c.backups.since, "LatestRestorableTime": c.backups.latest()}
    return some("DBCluster", [
        fields({"DBClusterIdentifier": c.name, "DbClusterResourceId": c.resource, "DBClusterArn": c.arn,
                "Status": c.status, "Engine": "aurora-postgresql", "EngineVersion": ENGINE["EngineVersion"],
                "ClusterCreateTime": c.created, "StorageEncrypted": c.kms is not None, "KmsKeyId": c.kms,
                "DBSubnetGroup": c.values["subnet"], "DBClusterParameterGroup": c.values["parameters"]}
               | {k: v for k, v in c.values.items() if k[0].isupper()} | (endpoint or {}) | (window or {})),
        groups_and_logs(c.values),
        each("DBClusterMembers", "DBClusterMember", [
            {"DBInstanceIdentifier": m.name, "IsClusterWriter": m is c.writer} for m in c.members]),
        tags(c.tags)])


def cluster_snapshot(s: Snapshot) -> str:
    return some("DBClusterSnapshot", [
        fields({"DBClusterSnapshotIdentifier": s.name, "DBClusterIdentifier": s.instance, "Status": s.status,
                "DBClusterSnapshotArn": s.arn.replace(":snapshot:", ":cluster-snapshot:"),
                "SnapshotType": s.type, "SnapshotCreateTime": s.created, "PercentProgress": s.progress,
                "SourceDBClusterSnapshotArn": s.source, "StorageEncrypted": s.kms is not None,
                "KmsKeyId": s.kms, "Engine": "aurora-postgresql",
                "EngineVersion": ENGINE["EngineVersion"]}), tags(s.tags)])


def snapshot(s: Snapshot) -> str:
    return some("DBSnapshot", [
        fields({"DBSnapshotIdentifier": s.name, "DBSnapshotArn": s.arn, "DBInstanceIdentifier": s.instance,
                "DbiResourceId": s.resource, "Status": s.status, "SnapshotType": s.type,
                "PercentProgress": s.progress, "SnapshotCreateTime": s.created,
                "OriginalSnapshotCreateTime": s.original, "SnapshotDatabaseTime": s.data_at,
                "SourceDBSnapshotIdentifier": s.source, "SourceRegion": s.source and s.source.split(":")[3],
                "Encrypted": s.kms is not None, "KmsKeyId": s.kms, "AllocatedStorage": 100} | ENGINE),
        tags(s.tags)])


def backups(b: Backups, replicas: list[Backups]) -> str:
    latest = b.latest() if b.status != "deleting" else None
    window = [fields({"EarliestTime": b.since, "LatestTime": latest})] if latest else []
    return some("DBInstanceAutomatedBackup", [
        fields({"DBInstanceAutomatedBackupsArn": b.arn, "DBInstanceArn": b.instance.arn,
                "DBInstanceIdentifier": b.instance.name, "DbiResourceId": b.instance.resource,
                "Region": b.instance.region, "Status": b.status, "Encrypted": b.kms is not None,
                "KmsKeyId": b.kms, "BackupRetentionPeriod": b.retention, "AllocatedStorage": 100} | ENGINE),
        some("RestoreWindow", window) if window else "",
        replications([] if b.is_replica else replicas)])
