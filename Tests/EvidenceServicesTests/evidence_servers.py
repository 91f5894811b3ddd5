"""Whoever is told of evidence: webhooks, a collector, a time-stamping authority with OpenSSL's keys.

The collector and the receiver of events read with OpenTelemetry's and CloudEvents' own packages, and answer 400
with the reason. Prints its port and its folder, where each request is a line of JSON. Ends, folder and all, with
its input."""
import base64
import json
import subprocess
import shutil
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

folder = Path(tempfile.mkdtemp())
seen: dict[str, int] = {}
lock = threading.Lock()


def authority() -> None:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out",
                    "tsa.pem", "-days", "2", "-subj", "/CN=tsa", "-addext",
                    "extendedKeyUsage=critical,timeStamping"], cwd=folder, check=True, capture_output=True)
    (folder / "serial").write_text("01")
    (folder / "tsa.conf").write_text("[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ndefault_policy = 1.2.3\n"
                                     "digests = sha256\nsigner_digest = sha256\ncrypto_device = builtin\n")


def stamp(query: bytes) -> bytes:
    (folder / "query").write_bytes(query)
    return subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.conf", "-section", "t", "-queryfile", "query",
                           "-signer", "tsa.pem", "-inkey", "tsa.key"], cwd=folder, check=True,
                          capture_output=True).stdout


def collect(body: bytes) -> None:
    """Reads an export as OTLP/JSON says: protobuf's JSON, but for identifiers, which are hexadecimal."""
    request = json.loads(body)
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for holder in (span, *span.get("links", ())):
                    for name, size in (("traceId", 16), ("spanId", 8), ("parentSpanId", 8)):
                        if name in holder:
                            raw = bytes.fromhex(holder[name])
                            assert len(raw) == size and any(raw), f"{name} {holder[name]}"
                            holder[name] = base64.b64encode(raw).decode()
    # What the schema does not have is an error.
    export = json_format.ParseDict(request, ExportTraceServiceRequest())
    for resource in export.resource_spans:
        names = {attribute.key for attribute in resource.resource.attributes}
        assert {"service.name", "service.version", "host.name"} <= names, names
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano, span.name


def understand(body: bytes) -> None:
    """Reads an event in structured mode."""
    event = JSONFormat().read(CloudEvent, body)
    assert event.get_type().startswith("life.mosaic.dr.run.") and event.get_time(), event


READERS = {"/v1/traces": collect, "/events": understand}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            count = seen[self.path] = seen.get(self.path, 0) + 1
            with open(folder / "requests", "a") as log:
                log.write(json.dumps({"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
                                      "body": base64.b64encode(body).decode()}) + "\n")
        status, answer = 200, b"{}"
        if self.path == "/busy" and count < 3:
            status = 503
        elif self.path == "/gone":
            status = 410
        elif self.path == "/moved":
            status = 307
        elif self.path == "/tsa":
            answer = stamp(body)
        elif self.path == "/otherstamp":
            answer = stamp((folder / "query").read_bytes())
        elif self.path == "/partial":
            answer = b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"x"}}'
        if self.path in READERS:
            try:
                READERS[self.path](body)
            except Exception as error:
                status, answer = 400, str(error).encode()
        self.send_response(status)
        if status == 503:
            self.send_header("Retry-After", "0")
        if status == 307:
            self.send_header("Location", "/ok")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


authority()
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], folder, flush=True)
sys.stdin.read()
shutil.rmtree(folder)
