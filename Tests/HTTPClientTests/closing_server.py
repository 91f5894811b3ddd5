"""Answers every GET and keeps the connection; takes every POST and closes it without an answer.
Writes its port to the file it is given, then a line for each request."""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FILE = open(sys.argv[1], "a", buffering=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        FILE.write("GET\n")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        FILE.write("POST\n")
        self.close_connection = True


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
FILE.write(f"{server.server_port}\n")
server.serve_forever()
