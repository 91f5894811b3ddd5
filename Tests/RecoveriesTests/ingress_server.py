"""An API server that knows one Ingress, and what answers at its address, over HTTP and HTTPS.

Makes an authority and a certificate for app.example in the folder it is given; then writes its ports to "ports".
"""
import json
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

folder = Path(sys.argv[1])
INGRESS = {"metadata": {"name": "app", "namespace": "web"}, "spec": {"rules": [{"host": "app.example"}]},
           "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path.startswith("/apis/networking.k8s.io/v1/namespaces/"):
            items = [INGRESS] if "/web/" in self.path else []
            return self.answer(200, json.dumps({"kind": "IngressList", "metadata": {}, "items": items}))
        known = self.headers["Host"].startswith("app.example")
        self.answer(503 if self.path == "/busy" else 200 if known else 404, "all is well\n")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)


def serve(tls: bool) -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
openssl("req", "-x509", *KEY, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
openssl("req", *KEY, "-subj", "/CN=app", "-keyout", "server.key", "-out", "server.csr")
(folder / "names").write_text("subjectAltName=DNS:app.example\n")
openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2", "-extfile", "names",
        "-out", "server.pem")
ports = f"{serve(tls=False)} {serve(tls=True)}\n"
(folder / "ports.part").write_text(ports)
(folder / "ports.part").rename(folder / "ports")
sys.stdin.read()
