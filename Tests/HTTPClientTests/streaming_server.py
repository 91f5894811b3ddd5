"""Answers in pieces: /gated waits between two lines for a GET of /open; /large is eight million bytes;
/endless goes on until its reader leaves, which /left tells. Writes its port to the file it is given."""
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

gate, left = threading.Event(), threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def piece(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def do_GET(self):
        self.send_response(200)
        if self.path in ("/open", "/left"):
            (gate.set if self.path == "/open" else left.wait)()
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            if self.path == "/gated":
                self.piece(b"one\n")
                gate.wait()
                self.piece(b"two\n")
            for number in range(1000 if self.path == "/large" else 10**9):
                if self.path == "/gated":
                    break
                self.piece(b"%07d\n" % number * 1000)
            self.piece(b"")
        except OSError:
            left.set()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
Path(sys.argv[1]).write_text(f"{server.server_port}\n")
server.serve_forever()
