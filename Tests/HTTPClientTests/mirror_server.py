"""Tells what it saw of a request, in the field X-Seen: method, target, fields, body, and the client's certificate;
X-Connection numbers the connection. /wait answers when /go is asked for, /cut breaks off in its body, /size/N has N bytes,
/status/N that status. With a certificate and a key as further arguments it speaks TLS. Writes its port to the file it is given."""
import itertools
import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

numbers, go = itertools.count(1), threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.number = next(numbers)

    def log_message(self, *_):
        pass

    def answer(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        seen = [self.command, self.path, sorted(self.headers.items()), sent.decode("latin-1"), bool(certificate)]
        words = self.path.strip("/").split("/")
        if words[0] == "wait":
            go.wait()
        if words[0] == "go":
            go.set()
        body = b"x" * int(words[1]) if words[0] == "size" else f"{self.command} {self.path}\n".encode()
        status = int(words[1]) if words[0] == "status" else 200
        body = b"" if status == 204 else body
        self.send_response(status)
        self.send_header("X-Seen", json.dumps(seen))
        self.send_header("X-Connection", str(self.number))
        if status != 204:
            self.send_header("Content-Length", str(len(body) + (words[0] == "cut")))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if words[0] == "cut":
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    context.load_verify_locations(sys.argv[2])
    context.verify_mode = ssl.CERT_OPTIONAL
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
Path(sys.argv[1]).write_text(f"{server.server_port}\n")
server.serve_forever()
