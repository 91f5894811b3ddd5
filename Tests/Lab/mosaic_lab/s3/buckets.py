"""The two regions, what replicates between them, and what a test asks of them."""
import json
import re
import secrets
import signal
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import boto3
from botocore.config import Config
from moto.backends import get_backend
from moto.core.utils import utcnow
from moto.server import DomainDispatcherApplication, create_backend_app

from ..model import ACCOUNT
from . import inventory
from .pretences import Pretences
from .seaweed import Region

EAST, WEST = "us-east-1", "us-west-2"
SOURCE, REPLICA, TARGET = "mosaic-media", "mosaic-media-dr", "mosaic-media-restored"
# Where reports of S3 Inventory are put, in each region.
REPORTS = {EAST: "mosaic-reports", WEST: "mosaic-reports-dr"}
# Buckets whose versions count, which SeaweedFS does not replicate with their identifiers: moto keeps them, as it
# does every bucket whose name begins alike.
VERSIONED = {EAST: "mosaic-letters", WEST: "mosaic-letters-dr"}
NASTY = ["with space", "plus+and%percent%41", "line\nfeed", "emoji-\U0001f600", "quote\"'<&>", "..a/..b/.hidden",
         "long/" + "/".join(["x" * 250] * 4) + "/" + "y" * 15]

KEYS = NASTY + [f"media/{i:04d}.jpg" for i in range(200)]


class Buckets:
    def __init__(self, folder: Path, weed: str):
        self.folder, self.weed = folder, weed
        self.key, self.secret = "AKIALAB" + secrets.token_hex(6).upper(), secrets.token_hex(20)
        self.regions = {name: Region(name, folder, weed, self.key, self.secret) for name in (EAST, WEST)}
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()
        self.sync: subprocess.Popen | None = None
        self.pretences = Pretences()
        self.url = ""
        self.faults: list[dict] = []
        self.requests: list[dict] = []
        self.replication: dict[str, bytes] = {}
        self.page: int | None = None
        self.slow: dict | None = None
        self.denied: list[str] = []

    def prepare(self) -> None:
        self.regions[EAST].make(SOURCE, REPORTS[EAST])
        self.regions[WEST].make(REPLICA, TARGET, REPORTS[WEST])
        self.put(KEYS)

    def moto_client(self, service: str, region: str):
        """Past the gate, as the owner of the account."""
        return boto3.client(service, endpoint_url=f"{self.url}/lab-moto", region_name=region,
                            aws_access_key_id=self.key, aws_secret_access_key=self.secret,
                            config=Config(s3={"addressing_style": "path"}))

    def settings(self) -> None:
        """What a careful owner would have set up; what was there before is gone."""
        self.replication = {}
        for service in ("s3", "iam", "cloudwatch"):
            for backend in get_backend(service)[ACCOUNT].values():
                backend.reset()
        pairs = [(EAST, SOURCE), (WEST, REPLICA), (WEST, TARGET), *VERSIONED.items()]
        for region, bucket in pairs:
            client = self.moto_client("s3", region)
            where = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            client.create_bucket(Bucket=bucket, **where)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True})
        for region, bucket in REPORTS.items():
            where = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.moto_client("s3", region).create_bucket(Bucket=bucket, **where)
        for source, replica in ((SOURCE, REPLICA), tuple(VERSIONED.values())):
            rule = {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Enabled"},
                    "Destination": {"Bucket": f"arn:aws:s3:::{replica}", "Metrics": {"Status": "Enabled"}}}
            self.moto_client("s3", EAST).put_bucket_replication(Bucket=source, ReplicationConfiguration={
                "Role": f"arn:aws:iam::{ACCOUNT}:role/replication", "Rules": [rule]})

    def put(self, keys: list[str], content: str = "", region: str = EAST, bucket: str = SOURCE) -> None:
        for key in keys:
            self.regions[region].client.put_object(Bucket=bucket, Key=key, Body=(content or key).encode())

    def replicate(self, is_on: bool) -> None:
        if is_on == bool(self.sync):
            return
        if self.sync:
            self.sync.send_signal(signal.SIGTERM)
            self.sync.wait(20)
            self.sync = None
        else:
            a, b = self.regions[EAST], self.regions[WEST]
            self.sync = subprocess.Popen(
                [self.weed, "filer.sync", "-isActivePassive", f"-a=127.0.0.1:{a.filer}.{a.grpc}",
                 f"-b=127.0.0.1:{b.filer}.{b.grpc}", f"-a.path=/buckets/{SOURCE}", f"-b.path=/buckets/{REPLICA}"],
                stdout=(self.folder / "sync.log").open("ab"), stderr=subprocess.STDOUT, cwd=self.folder)

    def replicate_versions(self) -> None:
        """Copies all versions and delete markers with their identifiers, as S3 does."""
        buckets = get_backend("s3")[ACCOUNT]["aws"].buckets
        source, replica = (buckets[name].keys for name in VERSIONED.values())
        for key in list(source):
            replica.setlist(key, list(source.getlist(key)))

    def remove(self, region: str, bucket: str, keys: set[str]) -> None:
        for key in keys:
            self.regions[region].client.delete_object(Bucket=bucket, Key=key)

    def settle(self) -> bool:
        """Waits until the replica has caught up."""
        for _ in range(300):
            if self.regions[EAST].keys(SOURCE) == self.regions[WEST].keys(REPLICA):
                return True
            time.sleep(0.1)
        return False

    def reset(self) -> dict:
        with self.lock:
            self.faults, self.requests, self.page, self.slow, self.denied = [], [], None, None, []
        self.pretences.reset()
        self.settings()
        self.replicate(True)
        self.remove(EAST, SOURCE, set(self.regions[EAST].keys(SOURCE)) - set(KEYS))
        self.remove(WEST, TARGET, set(self.regions[WEST].keys(TARGET)))
        return {"settled": self.settle()}

    def control(self, path: str, asked: dict) -> dict:
        match path:
            case "reset":
                return self.reset()
            case "replicate":
                self.replicate(asked["on"])
            case "replicate-versions":
                self.replicate_versions()
            case "put":
                self.put(**asked)
            case "content":
                stored = self.regions[asked["region"]].client.get_object(Bucket=asked["bucket"], Key=asked["key"])
                return {"content": stored["Body"].read().decode()}
            case "tag":
                tags = [{"Key": name, "Value": value} for name, value in asked["tags"].items()]
                self.regions[asked["region"]].client.put_object_tagging(
                    Bucket=asked["bucket"], Key=asked["key"], Tagging={"TagSet": tags})
            case "settle":
                return {"settled": self.settle()}
            case "faults":
                with self.lock:
                    self.faults = asked["faults"]
            case "pages":
                self.page = asked["size"]
            case "slow":
                self.slow = asked or None
            case "deny":
                self.denied = asked["services"]
            case "pretend":
                self.pretences.objects |= asked["objects"]
            case "uploads":
                return {"uploads": [upload.told for upload in self.pretences.uploads.values()]}
            case "inventory":
                region, bucket = self.regions[asked["region"]], asked["bucket"]
                place = REPORTS[region.name]
                return {"bucket": place, "prefix": inventory.write(region, bucket, place, asked["files"])}
            case "aws":
                client = self.moto_client(asked["service"], asked["region"])
                answer = getattr(client, asked["call"])(**asked["arguments"])
                return {"answer": json.loads(json.dumps(answer, default=str))}
            case "metric":
                rule = {"SourceBucket": SOURCE, "DestinationBucket": REPLICA, "RuleId": asked["rule"]}
                # By a clock a little ahead of ours, as a service's may be.
                at = utcnow() + timedelta(seconds=5)
                get_backend("cloudwatch")[ACCOUNT][EAST].put_metric_data("AWS/S3", [{
                    "MetricName": asked["name"], "Value": asked["value"],
                    "Timestamp": at,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in rule.items()]}])
            case "requests":
                with self.lock:
                    kept, self.requests = self.requests, []
                return {"requests": kept}
            case "buckets":
                listed = self.regions[asked["region"]].client.list_buckets()["Buckets"]
                return {"buckets": sorted(bucket["Name"] for bucket in listed)}
            case "keys":
                return {"keys": sorted(self.regions[asked["region"]].keys(asked["bucket"]))}
        return {}

    def take_fault(self, goes_on: bool) -> str | None:
        """The fault of this listing, if one is asked for: each lets some pass, then counts down. Only a listing
        that goes on can repeat a page."""
        with self.lock:
            for fault in self.faults:
                if fault["count"] == 0 or "path" in fault or fault["kind"] == "repeat" and not goes_on:
                    continue
                if fault.get("after", 0) > 0:
                    fault["after"] -= 1
                    continue
                fault["count"] -= 1
                return fault["kind"]
        return None

    def take_fault_of(self, method: str, path: str, query: dict) -> str | None:
        """The fault that is asked for of a single object, or of one kind of request about it."""
        with self.lock:
            for fault in self.faults:
                if fault["count"] != 0 and "path" in fault and re.search(fault["path"], path) \
                        and fault.get("method", method) == method and fault.get("query", "") in ["", *query]:
                    fault["count"] -= 1
                    return fault["kind"]
        return None

    def note(self, **request) -> None:
        with self.lock:
            self.requests.append(request)
        if self.slow and re.search(self.slow["path"], request["path"]):
            time.sleep(self.slow["seconds"])

    def close(self) -> None:
        self.replicate(False)
        for region in self.regions.values():
            region.process.kill()
            region.process.wait()
