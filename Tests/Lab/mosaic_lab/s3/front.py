"""One endpoint in front of both regions: goes by the region that a request is signed for. The settings of
buckets, which SeaweedFS does not keep, and other services are moto's."""
import http.client
import io
import json
import re
import sys
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urlsplit
from xml.sax.saxutils import unescape

from botocore.exceptions import ClientError

from ..server import SCOPE
from . import roles
from .buckets import EAST, SOURCE, VERSIONED, WEST, Buckets

SETTINGS = {"versioning", "replication", "encryption", "lifecycle", "publicAccessBlock", "ownershipControls",
            "object-lock", "tagging"}
XML = [("Content-Type", "application/xml")]
REFUSALS = {"slow-down": (503, "SlowDown"), "vanish": (404, "NoSuchBucket"), "skew": (403, "RequestTimeTooSkewed"),
            "archived": (403, "InvalidObjectState"), "denied": (403, "AccessDenied")}


def in_order(text: bytes) -> bytes:
    """Versions and delete markers by their keys, as S3 lists them; moto lists the markers last."""
    rows = re.findall(rb"<Version>.*?</Version>|<DeleteMarker>.*?</DeleteMarker>", text, re.DOTALL)
    keyed = sorted(rows, key=lambda row: unquote_to_bytes(re.search(rb"<Key>(.*?)</Key>", row)[1]))
    for row in rows:
        text = text.replace(row, b"", 1)
    return text.replace(b"</ListVersionsResult>", b"".join(keyed) + b"</ListVersionsResult>")


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    is_lost = False
    buckets: Buckets
    last_pages: dict[str, bytes] = {}

    def log_message(self, *_):
        """The lab is silent."""

    def handle_any(self) -> None:
        self.is_lost = False
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        scope = SCOPE.search(self.headers.get("Authorization", ""))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if parts.path.startswith("/lab/"):
            self.control(parts.path[5:], body)
        elif "replication" in query and self.command in ("GET", "PUT"):
            self.keep_replication(bucket if bucket != "lab-moto" else key, body)
        elif bucket == "lab-moto":
            self.ask_moto(body, self.path.removeprefix("/lab-moto") or "/")
        elif scope and scope[4] in self.buckets.denied:
            error = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>asked for by a test</Message></Error></ErrorResponse>"
            self.reply(403, XML, error.encode())
        elif scope and scope[4] == "iam" and b"Action=SimulatePrincipalPolicy" in body:
            self.simulate(dict(parse_qsl(body.decode())))
        elif not scope or scope[4] != "s3" or SETTINGS & query.keys() and not key or self.command == "HEAD" and not key \
                or bucket.startswith(VERSIONED[EAST]):
            self.ask_moto(body, self.path)
        elif not key and not query and self.command in ("PUT", "DELETE"):
            self.make_or_delete(scope[3], bucket, body)
        elif "max-keys" in query:
            self.list(scope[3], bucket, query)
        else:
            self.buckets.note(method=self.command, path=parts.path, query=query)
            fault = self.buckets.take_fault_of(self.command, parts.path, query)
            if fault in REFUSALS:
                return self.refuse(*REFUSALS[fault])
            self.is_lost = fault == "lost"
            if fault == "unheard":
                self.close_connection = True
                return None
            if {"uploads", "uploadId"} & query.keys():
                self.upload(scope[3], bucket, key, query, body)
            elif "x-amz-copy-source" in self.headers:
                self.copy(scope[3], bucket, key)
            else:
                self.ask_region(scope[3], f"{bucket}/{key}", body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def control(self, path: str, body: bytes) -> None:
        try:
            answer = self.buckets.control(path, json.loads(body or b"{}"))
        except Exception as error:  # A test reads it.
            return self.reply(500, [], json.dumps({"error": repr(error)}).encode())
        return self.reply(200, [], json.dumps(answer).encode())

    # Regions

    def list(self, region: str, bucket: str, query: dict) -> None:
        fault = self.buckets.take_fault(goes_on="continuation-token" in query)
        if fault in REFUSALS:
            return self.refuse(*REFUSALS[fault])
        path, headers = self.path, dict(self.headers.items())
        if (limit := self.buckets.page) and int(query["max-keys"]) > limit:
            # S3 may give fewer rows than it is asked for.
            path = f"/{bucket}/?{urlencode(query | {'max-keys': limit}, quote_via=quote)}"
            headers = self.buckets.regions[region].sign(path)
        status, kept, text, _ = self.forward(region, "GET", path, headers, b"")
        text = self.buckets.pretences.listing(bucket, text)
        keys = [unquote(k.decode()) for k in re.findall(rb"<Contents><Key>(.*?)</Key>", text)]
        self.buckets.note(method="LIST", path=f"/{bucket}/", keys=keys, asked=int(query["max-keys"]))
        if fault == "repeat":
            text = self.last_pages[bucket]
        elif keys:
            self.last_pages[bucket] = text
        return self.reply(status, kept, text[:len(text) // 2] if fault == "truncate" else text)

    def ask_region(self, region: str, name: str, body: bytes) -> None:
        status, kept, text, length = self.forward(region, self.command, self.path, dict(self.headers.items()), body)
        pretended = self.buckets.pretences.of(name) if status < 300 and self.command == "HEAD" else {}
        kept = [(n, v) for n, v in kept if n.lower() not in {p.lower() for p in pretended}]
        kept += [(n, v) for n, v in pretended.items() if v and n != "Content-Length"]
        self.reply(status, kept, text, pretended.get("Content-Length") or length)

    def forward(self, region: str, method: str, path: str, headers: dict, body: bytes):
        connection = http.client.HTTPConnection("127.0.0.1", self.buckets.regions[region].port, timeout=30)
        is_named = any(name.lower() == "host" for name in headers)
        connection.putrequest(method, path, skip_host=is_named, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() != "connection":
                connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        text = answer.read()
        kept = [(n, v) for n, v in answer.getheaders()
                if n.lower() not in ("content-length", "connection", "transfer-encoding", "date")]
        length = answer.getheader("Content-Length") if method == "HEAD" else None
        connection.close()
        return answer.status, kept, text, length

    def make_or_delete(self, region: str, bucket: str, body: bytes) -> None:
        """In SeaweedFS and in moto, which does not know of tags that come with a bucket."""
        own = self.buckets.regions[region]
        settings = self.buckets.moto_client("s3", region)
        if self.command == "DELETE":
            if own.keys(bucket):
                return self.refuse(409, "BucketNotEmpty")
            own.client.delete_bucket(Bucket=bucket)
            settings.delete_bucket(Bucket=bucket)
            return self.reply(204, [], b"")
        where = {"LocationConstraint": region} if f">{region}<".encode() in body else None
        settings.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
        tags = re.findall(r"<Tag><Key>(.*?)</Key><Value>(.*?)</Value></Tag>", body.decode())
        settings.put_bucket_tagging(Bucket=bucket, Tagging={
            "TagSet": [{"Key": unescape(name), "Value": unescape(value)} for name, value in tags]})
        own.client.create_bucket(Bucket=bucket)
        return self.reply(200, [], b"")

    # Copies between regions, which SeaweedFS does not know of

    @property
    def source(self) -> tuple[str, str]:
        """The bucket and the key that are copied from."""
        bucket, _, key = unquote(self.headers["x-amz-copy-source"].split("?")[0]).lstrip("/").partition("/")
        return bucket, key

    def etag(self, region: str, bucket: str, key: str) -> str | None:
        """None when there is no such object."""
        try:
            stored = self.buckets.regions[region].client.head_object(Bucket=bucket, Key=key)["ETag"]
        except ClientError:
            return None
        return self.buckets.pretences.of(f"{bucket}/{key}").get("ETag") or stored

    def breaks_condition(self, region: str, bucket: str, key: str) -> bool:
        """Whether the source or the target is not what the request names; refused if so."""
        home, name = self.source if "x-amz-copy-source" in self.headers else (None, None)
        wanted = self.headers.get("x-amz-copy-source-if-match")
        there = self.etag(region, bucket, key)
        is_broken = (wanted and wanted != self.etag(EAST if home == SOURCE else WEST, home, name)
                     or self.headers.get("If-None-Match") == "*" and there
                     or self.headers.get("If-Match") and self.headers["If-Match"] != there)
        if is_broken:
            self.refuse(412, "PreconditionFailed")
        return bool(is_broken)

    def copy(self, region: str, bucket: str, key: str) -> None:
        if self.breaks_condition(region, bucket, key):
            return
        home, name = self.source
        etag = self.take(home, name, region, bucket, key)
        pretences = self.buckets.pretences
        if size := pretences.of(f"{home}/{name}").get("Content-Length"):
            pretences.objects[f"{bucket}/{key}"] = {"Content-Length": size}
        self.reply(200, XML, f"<CopyObjectResult><ETag>{etag}</ETag></CopyObjectResult>".encode())

    def take(self, home: str, name: str, region: str, bucket: str, key: str) -> str:
        client = self.buckets.regions[EAST if home == SOURCE else WEST].client
        content = client.get_object(Bucket=home, Key=name)["Body"].read()
        return self.buckets.regions[region].client.put_object(Bucket=bucket, Key=key, Body=content)["ETag"]

    def upload(self, region: str, bucket: str, key: str, query: dict, body: bytes) -> None:
        pretences, name = self.buckets.pretences, query.get("uploadId", "")
        if "uploads" in query:
            return self.reply(200, XML, pretences.start(bucket, key, self.headers.items()).encode())
        if pretences.uploads[name].state != "open":
            return self.refuse(404, "NoSuchUpload")
        if self.command == "GET":
            return self.reply(200, XML, pretences.parts(name).encode())
        if self.command == "DELETE":
            pretences.uploads[name].state = "aborted"
            return self.reply(204, [], b"")
        if self.command == "PUT":
            wanted = self.headers.get("x-amz-copy-source-if-match")
            if wanted and wanted != self.etag(EAST if self.source[0] == SOURCE else WEST, *self.source):
                return self.refuse(412, "PreconditionFailed")
            part = pretences.copy_part(name, int(query["partNumber"]), self.source,
                                       self.headers["x-amz-copy-source-range"])
            return self.reply(200, XML, part.encode())
        if self.breaks_condition(region, bucket, key):
            return
        upload = pretences.complete(name, body)
        if not upload:
            return self.refuse(400, "InvalidPart")
        self.take(*upload.parts[1]["source"], region, bucket, key)
        etag = pretences.of(f"{bucket}/{key}")["ETag"]
        text = f"<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
        # White space comes while S3 works on it.
        return self.reply(200, XML, f"  \n{text}".encode())

    # Moto

    def keep_replication(self, bucket: str, body: bytes) -> None:
        """As it was put: moto forgets filters and delete markers."""
        if self.command == "PUT":
            self.buckets.replication[bucket] = body
            return self.reply(200, [], b"")
        kept = self.buckets.replication.get(bucket)
        return self.reply(200, XML, kept) if kept else self.refuse(404, "ReplicationConfigurationNotFoundError")

    def simulate(self, form: dict) -> None:
        if text := roles.simulate(form):
            return self.reply(200, XML, text.encode())
        error = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>There is no such role</Message></Error></ErrorResponse>"
        return self.reply(404, XML, error.encode())

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
            return self.reply(400, XML, error.encode())
        if "versions" in parse_qs(parts.query, keep_blank_values=True):
            text = in_order(text)
        length = next((v for n, v in kept["headers"] if n.lower() == "content-length"), None)
        self.reply(kept["status"], [(n, v) for n, v in kept["headers"] if n.lower() != "content-length"], text,
                   length if self.command == "HEAD" else None)

    # Answers

    def refuse(self, status: int, code: str) -> None:
        self.reply(status, XML, f"<Error><Code>{code}</Code><Message>asked for by a test</Message></Error>".encode())

    def reply(self, status: int, headers: list, text: bytes, length: str | None = None) -> None:
        if self.is_lost:
            # What was asked for is done, and nobody hears of it.
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
