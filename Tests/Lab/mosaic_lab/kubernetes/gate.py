"""Stands before the API server: keeps a log of the calls, plays faults, and holds Velero's bucket."""
import gzip
import http.client
import json
import re
import ssl
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Gate:
    """Faults, taken a bounded number of times; "method", "path" (with the query) and "name" (of what is
    made) say which requests are meant:
    kube-status (status, seconds), kube-drop (a watch breaks off), kube-gone (a watch is told 410),
    kube-lost (the answer is lost, what was asked for is done), bucket-status (status: of the bucket)."""

    def __init__(self, cluster, tls: Path, faults, log: Path):
        self.cluster, self.faults, self.log_path, self.bucket = cluster, faults, log, {}
        self.lock = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                """The gate has a log of its own."""

            def handle_any(self):
                gate.handle(self)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that goes away is no error."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.upstream = ssl.create_default_context(cafile=str(cluster.authority))
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()

    def put(self, key: str, content: bytes) -> None:
        self.bucket[key] = gzip.compress(content)

    def handle(self, request) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = urlsplit(request.path).path
        if path.startswith("/bucket/"):
            return self.serve_bucket(request, path.removeprefix("/bucket/"))
        if path == "/healthz" and request.headers.get("Host", "").endswith("mosaic.example"):
            return self.answer(request, 200, b"ok", {})
        is_watch = "watch" in parse_qs(urlsplit(request.path).query)
        fault = self.fault("kube-status", request, body)
        if fault:
            status = fault["status"]
            headers = {"Retry-After": str(fault["seconds"])} if "seconds" in fault else {}
            text = json.dumps({"kind": "Status", "status": "Failure", "code": status,
                               "reason": fault.get("reason", "TooManyRequests"),
                               "message": fault.get("message", "asked for by a test")}).encode()
            self.note(request, path, status, is_watch, body)
            return self.answer(request, status, text, headers | {"Content-Type": "application/json"})
        self.forward(request, path, body, is_watch)

    @staticmethod
    def name(request, body: bytes) -> str | None:
        """Of what is made; None when kubectl says it in protocol buffers."""
        is_json = "json" in request.headers.get("Content-Type", "")
        return json.loads(body).get("metadata", {}).get("name") if is_json and request.command == "POST" else None

    def fault(self, kind: str, request, body: bytes = b"") -> dict | None:
        fits = {"method": request.command, "path": request.path, "name": self.name(request, body) or ""}
        return self.faults.take_if(lambda fault: fault["kind"] == kind and all(
            re.search(fault.get(key, ""), value) for key, value in fits.items()))

    def forward(self, request, path: str, body: bytes, is_watch: bool) -> None:
        upstream = http.client.HTTPSConnection(
            "127.0.0.1", self.cluster.port, context=self.upstream, timeout=None if is_watch else 60)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in HOP}
        try:
            upstream.request(request.command, request.path, body or None, headers)
            answer = upstream.getresponse()
            self.note(request, path, answer.status, is_watch, body)
            if is_watch and answer.status == 200:
                return self.stream(request, answer)
            content = answer.read()
            if self.fault("kube-lost", request, body):
                request.close_connection = True
                return
            kept = {k: v for k, v in answer.getheaders() if k.lower() not in HOP}
            self.answer(request, answer.status, content, kept)
        finally:
            upstream.close()

    def stream(self, request, answer) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.flush()
        if self.fault("kube-gone", request):
            gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired",
                                                "message": "too old resource version"}}
            self.piece(request, json.dumps(gone).encode() + b"\n")
            return self.piece(request, b"")
        if self.fault("kube-drop", request):
            request.close_connection = True
            return
        # A watch whose reader is gone ends with its next event, or at its own end.
        while data := answer.read1(65536):
            self.piece(request, data)
        self.piece(request, b"")

    @staticmethod
    def piece(request, data: bytes) -> None:
        request.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        request.wfile.flush()

    def serve_bucket(self, request, key: str) -> None:
        # Whoever sends Kubernetes credentials to a bucket gives them away.
        if fault := self.fault("bucket-status", request):
            return self.answer(request, fault["status"], b"asked for by a test", {})
        content = None if "Authorization" in request.headers else self.bucket.get(key)
        self.answer(request, 404 if content is None else 200, content or b"", {})

    @staticmethod
    def answer(request, status: int, body: bytes, headers: dict) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def note(self, request, path: str, status: int, is_watch: bool, body: bytes) -> None:
        verb = {"POST": "create", "PATCH": "patch", "DELETE": "delete"}.get(
            request.command, "watch" if is_watch else "get")
        row = {"at": datetime.now(timezone.utc).isoformat(), "service": "kubernetes", "region": "",
               "action": f"{verb} {path}", "status": status, "code": None}
        if request.command == "POST" and body:
            row["name"] = self.name(request, body)
        with self.lock, self.log_path.open("a") as log:
            log.write(json.dumps(row) + "\n")
