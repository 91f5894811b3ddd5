"""A region of S3 that keeps objects for real."""
import json
import socket
import subprocess
import time
from pathlib import Path

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Region:
    """A SeaweedFS server with one filer and its S3 gateway."""

    def __init__(self, name: str, folder: Path, weed: str, key: str, secret: str):
        self.name, self.folder = name, folder / name
        self.credentials = Credentials(key, secret)
        self.folder.mkdir(parents=True)
        identities = {"identities": [{"name": "lab", "actions": ["Admin"],
                                      "credentials": [{"accessKey": key, "secretKey": secret}]}]}
        (self.folder / "s3.json").write_text(json.dumps(identities))
        ports = [free_port() for _ in range(8)]
        self.filer, self.port = ports[4], ports[6]
        self.grpc = ports[5]
        self.process = subprocess.Popen(
            [weed, "server", "-ip=127.0.0.1", f"-dir={self.folder}", "-master.telemetry=false",
             f"-master.port={ports[0]}", f"-master.port.grpc={ports[1]}", f"-volume.port={ports[2]}",
             f"-volume.port.grpc={ports[3]}", f"-filer.port={ports[4]}", f"-filer.port.grpc={ports[5]}", "-s3",
             f"-s3.port={ports[6]}", f"-s3.port.grpc={ports[7]}", f"-s3.config={self.folder}/s3.json",
             "-s3.port.iceberg=0", "-s3.port.lance=0",
             "-master.volumeSizeLimitMB=64", "-volume.max=80"],
            stdout=(self.folder / "log").open("wb"), stderr=subprocess.STDOUT, cwd=self.folder)
        self.client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{self.port}", region_name=name, aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1},
                          request_checksum_calculation="when_required"))

    def make(self, *buckets: str) -> None:
        """Waits for the server by making its buckets."""
        for bucket in buckets:
            for attempt in range(300):
                try:
                    self.client.create_bucket(Bucket=bucket)
                    break
                except Exception:
                    if attempt == 299 or self.process.poll() is not None:
                        raise
                    time.sleep(0.2)

    def keys(self, bucket: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            found |= {row["Key"]: row["ETag"] for row in page.get("Contents", [])}
        return found

    def sign(self, path: str) -> dict[str, str]:
        """The header fields of a GET that the lab changed on its way."""
        request = AWSRequest("GET", url=f"http://127.0.0.1:{self.port}{path}")
        S3SigV4Auth(self.credentials, "s3", self.name).add_auth(request)
        return dict(request.headers.items())
