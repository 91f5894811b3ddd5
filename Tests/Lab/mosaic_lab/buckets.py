"""Two regions of S3 on this machine: SeaweedFS twice, with its own asynchronous replication in between.

One endpoint in front of both goes by the region that a request is signed for. The settings of buckets,
which SeaweedFS does not keep, and other services are moto's. Started with a folder; writes FOLDER/s3-env
when it is ready. See docs/testing.md."""
import http.client
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3
from botocore.config import Config
from moto.server import DomainDispatcherApplication, create_backend_app

from .server import SCOPE

EAST, WEST = "us-east-1", "us-west-2"
SOURCE, REPLICA, TARGET = "mosaic-media", "mosaic-media-dr", "mosaic-media-restored"
SETTINGS = {"versioning", "replication", "encryption", "lifecycle", "publicAccessBlock", "ownershipControls",
            "object-lock"}
NASTY = ["with space", "plus+and%percent%41", "line\nfeed", "emoji-\U0001f600", "quote\"'<&>", "long/" + "/".join(["x" * 200] * 4)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Region:
    """A SeaweedFS server with one filer and its S3 gateway."""

    def __init__(self, name: str, folder: Path, weed: str, key: str, secret: str):
        self.name, self.folder = name, folder / name
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
             "-master.volumeSizeLimitMB=64", "-volume.max=20"],
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


class Buckets:
    def __init__(self, folder: Path, weed: str):
        self.folder, self.weed = folder, weed
        self.key, self.secret = "AKIALAB" + secrets.token_hex(6).upper(), secrets.token_hex(20)
        self.regions = {name: Region(name, folder, weed, self.key, self.secret) for name in (EAST, WEST)}
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.faults: list[dict] = []
        self.lock = threading.Lock()
        self.sync: subprocess.Popen | None = None

    def prepare(self) -> None:
        self.regions[EAST].make(SOURCE)
        self.regions[WEST].make(REPLICA, TARGET)
        self.put(NASTY + [f"media/{i:04d}.jpg" for i in range(200)])
        self.replicate(True)

    def settings(self, url: str) -> None:
        """What a careful owner would have set up; through the endpoint, as anybody."""
        for region, bucket in ((EAST, SOURCE), (WEST, REPLICA), (WEST, TARGET)):
            client = boto3.client("s3", endpoint_url=f"{url}/lab-moto", region_name=region,
                                  aws_access_key_id=self.key, aws_secret_access_key=self.secret,
                                  config=Config(s3={"addressing_style": "path"}))
            where = {} if region == EAST else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            client.create_bucket(Bucket=bucket, **where)
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True})
            if bucket == SOURCE:
                self.source_settings = client
        rule = {"ID": "all", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Enabled"},
                "Destination": {"Bucket": f"arn:aws:s3:::{REPLICA}", "Metrics": {"Status": "Enabled"}}}
        self.source_settings.put_bucket_replication(Bucket=SOURCE, ReplicationConfiguration={
            "Role": "arn:aws:iam::123456789012:role/replication", "Rules": [rule]})

    def put(self, keys: list[str], content: str = "") -> None:
        for key in keys:
            self.regions[EAST].client.put_object(Bucket=SOURCE, Key=key, Body=(content or key).encode())

    def replicate(self, is_on: bool) -> None:
        if self.sync:
            self.sync.send_signal(signal.SIGTERM)
            self.sync.wait(20)
            self.sync = None
        if is_on:
            a, b = self.regions[EAST], self.regions[WEST]
            self.sync = subprocess.Popen(
                [self.weed, "filer.sync", "-isActivePassive", f"-a=127.0.0.1:{a.filer}.{a.grpc}",
                 f"-b=127.0.0.1:{b.filer}.{b.grpc}", f"-a.path=/buckets/{SOURCE}", f"-b.path=/buckets/{REPLICA}"],
                stdout=(self.folder / "sync.log").open("ab"), stderr=subprocess.STDOUT, cwd=self.folder)

    def settle(self) -> bool:
        """Waits until the replica has caught up."""
        for _ in range(300):
            if self.regions[EAST].keys(SOURCE) == self.regions[WEST].keys(REPLICA):
                return True
            time.sleep(0.1)
        return False

    def control(self, path: str, body: bytes) -> dict:
        asked = json.loads(body or b"{}")
        match path:
            case "replicate":
                self.replicate(asked["on"])
            case "put":
                self.put(asked["keys"], asked.get("content", ""))
            case "settle":
                return {"settled": self.settle()}
            case "faults":
                with self.lock:
                    self.faults = asked["faults"]
            case "keys":
                return {"keys": sorted(self.regions[asked["region"]].keys(asked["bucket"]))}
        return {}

    def take_fault(self) -> str | None:
        """The fault of this listing, if one is asked for; each counts down."""
        with self.lock:
            for fault in self.faults:
                if fault["count"] != 0:
                    fault["count"] -= 1
                    return fault["kind"]
        return None

    def close(self) -> None:
        self.replicate(False)
        for region in self.regions.values():
            region.process.kill()
            region.process.wait()


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    buckets: Buckets

    def log_message(self, *_):
        """The lab is silent."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        scope = SCOPE.search(self.headers.get("Authorization", ""))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path.startswith("/lab/"):
            self.reply(200, [], json.dumps(self.buckets.control(parts.path[5:], body)).encode())
        elif parts.path.startswith("/lab-moto/"):
            self.ask_moto(body, self.path.removeprefix("/lab-moto"))
        elif not scope or scope[4] != "s3" or SETTINGS & query.keys() or self.is_head_of_bucket(parts.path):
            self.ask_moto(body, self.path)
        elif source := self.headers.get("x-amz-copy-source"):
            self.copy(scope[3], parts.path, unquote(source.split("?")[0]))
        else:
            self.ask_region(scope[3], body, is_listing="max-keys" in query)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def is_head_of_bucket(self, path: str) -> bool:
        return self.command == "HEAD" and path.strip("/").count("/") == 0

    def ask_region(self, region: str, body: bytes, is_listing: bool) -> None:
        fault = self.buckets.take_fault() if is_listing else None
        errors = {"slow-down": (503, "SlowDown"), "vanish": (404, "NoSuchBucket"),
                  "skew": (403, "RequestTimeTooSkewed")}
        if fault in errors:
            status, code = errors[fault]
            text = f"<Error><Code>{code}</Code><Message>asked for by a test</Message></Error>"
            return self.reply(status, [("Content-Type", "application/xml")], text.encode())
        connection = http.client.HTTPConnection("127.0.0.1", self.buckets.regions[region].port, timeout=30)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        text = answer.read()
        if fault == "truncate":
            text = text[:len(text) // 2]
        kept = [(n, v) for n, v in answer.getheaders()
                if n.lower() not in ("content-length", "connection", "transfer-encoding", "date")]
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        connection.close()
        return self.reply(answer.status, kept, text, length)

    def copy(self, region: str, path: str, source: str) -> None:
        """Across regions, which SeaweedFS does not know of."""
        bucket, key = source.lstrip("/").split("/", 1)
        home = next(r for r in self.buckets.regions.values() if bucket == SOURCE and r.name == EAST
                    or bucket != SOURCE and r.name == WEST)
        content = home.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        to, name = unquote(path).lstrip("/").split("/", 1)
        etag = self.buckets.regions[region].client.put_object(Bucket=to, Key=name, Body=content)["ETag"]
        self.reply(200, [("Content-Type", "application/xml")],
                   f"<CopyObjectResult><ETag>{etag}</ETag></CopyObjectResult>".encode())

    def ask_moto(self, body: bytes, target: str) -> None:
        parts = urlsplit(target)
        environ = {"REQUEST_METHOD": self.command, "PATH_INFO": unquote(parts.path), "RAW_URI": target,
                   "QUERY_STRING": parts.query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
                   "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
                   "wsgi.url_scheme": "http", "CONTENT_LENGTH": str(len(body)), "SCRIPT_NAME": "",
                   "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False,
                   "wsgi.run_once": False}
        for name, value in self.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        if "Content-Type" in self.headers:
            environ["CONTENT_TYPE"] = self.headers["Content-Type"]
        kept = {}

        def start(status, headers, *_):
            kept["status"], kept["headers"] = int(status.split()[0]), headers
        try:
            text = b"".join(self.buckets.moto(environ, start))
        except Exception:  # What the emulator does not know.
            error = "<ErrorResponse><Error><Code>InvalidAction</Code><Message>unknown</Message></Error></ErrorResponse>"
            return self.reply(400, [("Content-Type", "application/xml")], error.encode())
        self.reply(kept["status"], [(n, v) for n, v in kept["headers"] if n.lower() != "content-length"], text)

    def reply(self, status: int, headers: list, text: bytes, length: str | None = None) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)


def main(folder: Path, weed: str) -> None:
    buckets = Buckets(folder, weed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        buckets.prepare()
        Front.buckets = buckets
        server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        buckets.settings(url)
        if not buckets.settle():
            raise SystemExit("the replica does not catch up")
        env = folder / "s3-env.new"
        env.write_text(f"export AWS_ENDPOINT_URL={url}\nexport AWS_ACCESS_KEY_ID={buckets.key}\n"
                       f"export AWS_SECRET_ACCESS_KEY={buckets.secret}\nexport MOSAIC_S3_LAB={url}\n")
        os.rename(env, folder / "s3-env")
        signal.pause()
    finally:
        buckets.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), str(Path(sys.executable).with_name("weed")))
