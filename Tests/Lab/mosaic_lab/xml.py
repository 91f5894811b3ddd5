"""RDS's answers."""
from datetime import datetime, timezone
from xml.sax.saxutils import escape

from .model import Backups, Instance, Snapshot

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


def instance(i: Instance, home: Backups | None, replicas: list[Backups]) -> str:
    values = {k: v for k, v in i.values.items() if k[0].isupper()}
    return some("DBInstance", [
        fields({"DBInstanceIdentifier": i.name, "DBInstanceStatus": i.status, "DBInstanceArn": i.arn,
                "DbiResourceId": i.resource, "InstanceCreateTime": i.created, "KmsKeyId": i.kms,
                "StorageEncrypted": i.kms is not None,
                "LatestRestorableTime": home.latest() if home else None} | ENGINE | values),
        some("Endpoint", [fields({"Address": "127.0.0.1", "Port": i.port})]) if i.port else "",
        some("DBSubnetGroup", [fields({"DBSubnetGroupName": i.values["subnet"]})]),
        each("DBParameterGroups", "DBParameterGroup", [{
            "DBParameterGroupName": i.values["parameters"], "ParameterApplyStatus": i.parameters}]),
        each("VpcSecurityGroups", "VpcSecurityGroupMembership",
             [{"VpcSecurityGroupId": g, "Status": "active"} for g in i.values["security"]]),
        some("PendingModifiedValues", [fields(i.pending)]), replications(replicas), tags(i.tags)])


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
