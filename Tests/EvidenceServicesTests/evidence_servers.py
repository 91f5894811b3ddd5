"""Whoever is told of evidence: webhooks, a collector, a time-stamping authority with OpenSSL's keys.

Prints its port and its folder, where each request is a line of JSON. Ends, folder and all, with its input."""
import base64
import json
import subprocess
import shutil
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
        elif self.path == "/traces":
            answer = b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"x"}}'
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
