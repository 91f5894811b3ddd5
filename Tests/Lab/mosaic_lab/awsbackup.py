"""AWS Backup as far as databases go: recovery points are snapshots, restore jobs make instances."""
import json
import time
import uuid
from dataclasses import dataclass, field

from .model import ACCOUNT, Form, RDSError, now

VAULT, ROLE = "mosaic-vault", f"arn:aws:iam::{ACCOUNT}:role/mosaic-backup"


@dataclass
class Job:
    token: str
    point: str
    region: str
    metadata: dict
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    status: str = "PENDING"
    message: str | None = None
    percent: str = "0.00%"
    created: str | None = None
    began: float = field(default_factory=lambda: now().timestamp())


class Backup:
    def __init__(self, rds) -> None:
        self.rds, self.jobs = rds, {}

    def handle(self, region: str, action: str, named: list[str], body: bytes) -> bytes:
        with self.rds.lock:
            return json.dumps(getattr(self, action)(region, *named, **({"input": json.loads(body)} if body else {}))
                              ).encode()

    def points(self, region: str):
        return [s for s in self.rds.snapshots if s.region == region and s.type == "awsbackup"]

    def ListRecoveryPointsByResource(self, region: str, resource: str) -> dict:
        return {"RecoveryPoints": [
            {"RecoveryPointArn": s.arn, "CreationDate": s.created.timestamp(), "Status": "COMPLETED",
             "BackupVaultName": VAULT} for s in self.points(region)
            if resource.split(":")[-1] == s.instance]}

    def point(self, region: str, arn: str):
        found = [s for s in self.points(region) if s.arn == arn]
        if not found:
            raise RDSError("ResourceNotFoundException", f"{arn} is no recovery point.", 400)
        return found[0]

    def GetRecoveryPointRestoreMetadata(self, region: str, vault: str, arn: str) -> dict:
        point = self.point(region, arn)
        return {"BackupVaultArn": f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:{vault}",
                "RecoveryPointArn": arn, "RestoreMetadata": {
                    "DBInstanceIdentifier": point.instance, "Engine": "postgres", "MultiAZ": "true",
                    "DBInstanceClass": "db.r6g.large", "DBSubnetGroupName": "prod-private",
                    "VpcSecurityGroupIds": '["sg-0e5e5e5e5e5e5e5e5"]', "DBSnapshotIdentifier": point.name,
                    "DeletionProtection": "true", "Port": "5432"}}

    def StartRestoreJob(self, region: str, input: dict) -> dict:
        point = self.point(region, input["RecoveryPointArn"])
        if input["IamRoleArn"] != ROLE:
            raise RDSError("InvalidParameterValueException", "AWS Backup cannot assume the role.", 400)
        for job in self.jobs.values():
            if job.token == input["IdempotencyToken"]:
                return {"RestoreJobId": job.identifier}
        job = Job(input["IdempotencyToken"], point.arn, region, input["Metadata"])
        self.jobs[job.identifier] = job
        self.rds.begin(self.restore, region, job, input["Metadata"])
        return {"RestoreJobId": job.identifier}

    def restore(self, region: str, job: Job, metadata: dict) -> None:
        time.sleep(0.3)
        job.status = "RUNNING"
        form = Form({"DBInstanceIdentifier": metadata["DBInstanceIdentifier"],
                     "DBSnapshotIdentifier": job.point})
        form |= {k: metadata[k] for k in ("DBSubnetGroupName", "DBParameterGroupName", "DBInstanceClass",
                                          "MultiAZ", "DeletionProtection") if k in metadata}
        for number, group in enumerate(json.loads(metadata["VpcSecurityGroupIds"])):
            form[f"VpcSecurityGroupIds.VpcSecurityGroupId.{number + 1}"] = group
        try:
            if fault := self.rds.faults.take("backup-job", form["DBInstanceIdentifier"]):
                raise RDSError("", fault.get("message", "asked for by a test"))
            with self.rds.lock:
                self.rds.do_RestoreDBInstanceFromDBSnapshot(region, form)
                instance = self.rds.instance(region, form["DBInstanceIdentifier"])
        except RDSError as problem:
            job.status, job.message = "FAILED", problem.message
            return
        while instance.status in ("creating", "backing-up"):
            time.sleep(0.1)
        job.percent, job.created = "100.00%", instance.arn
        job.status = "COMPLETED"

    def job(self, region: str, identifier: str) -> Job:
        job = self.jobs.get(identifier)
        if not job or job.region != region:
            raise RDSError("ResourceNotFoundException", f"{identifier} is no job.", 400)
        return job

    def DescribeRestoreJob(self, region: str, identifier: str) -> dict:
        job = self.job(region, identifier)
        answer = {"RestoreJobId": identifier, "RecoveryPointArn": job.point, "IamRoleArn": ROLE,
                  "ResourceType": "RDS", "Status": job.status, "StatusMessage": job.message,
                  "PercentDone": job.percent, "CreatedResourceArn": job.created, "CreationDate": job.began}
        return {k: v for k, v in answer.items() if v is not None}

    def ListRestoreJobs(self, region: str) -> dict:
        return {"RestoreJobs": [self.DescribeRestoreJob(region, job.identifier)
                                for job in self.jobs.values() if job.region == region]}

    def GetRestoreJobMetadata(self, region: str, identifier: str) -> dict:
        return {"RestoreJobId": identifier, "Metadata": self.job(region, identifier).metadata}
