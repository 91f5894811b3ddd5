"""The server that the killed program changes: it counts, is slow, busy, and loses answers."""
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class World:
    """What was made and removed, and how often each was asked for."""

    def __init__(self, seed: int):
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.things: dict[str, str] = {}
        self.made: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.removed: dict[str, int] = {}
        self.reads: dict[str, int] = {}

    def make(self, name: str) -> tuple[int, dict, bool]:
        """Status, answer, and whether the answer is lost although the effect is there."""
        with self.lock:
            if self.random.random() < 0.1:
                return 503, {}, False
            if name in self.things or self.made.get(name):
                self.refused[name] = self.refused.get(name, 0) + 1
                return 409, {}, False
            self.made[name] = self.made.get(name, 0) + 1
            self.things[name] = f"id-{name}"
            return 200, {"id": self.things[name]}, self.random.random() < 0.15

    def find(self, name: str) -> tuple[int, dict, bool]:
        with self.lock:
            return (200, {"id": self.things[name]}, False) if name in self.things else (404, {}, False)

    def remove(self, name: str) -> tuple[int, dict, bool]:
        with self.lock:
            if self.random.random() < 0.1:
                return 503, {}, False
            if self.things.pop(name, None):
                self.removed[name] = self.removed.get(name, 0) + 1
            return 200, {}, self.random.random() < 0.1

    def read(self, name: str) -> tuple[int, dict, bool]:
        """Fails twice before it works."""
        with self.lock:
            self.reads[name] = self.reads.get(name, 0) + 1
            return (503, {}, False) if self.reads[name] <= 2 else (200, {"value": "read"}, False)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        parts = urlsplit(self.path)
        name = parse_qs(parts.query)["name"][0]
        # What belongs to an earlier world is done there: a late call harms no later one.
        world = self.server.world
        time.sleep(world.random.random() * 0.004)
        status, body, is_lost = getattr(world, parts.path[1:])(name)
        if is_lost:
            self.close_connection = True
            return
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = World(0)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_):
        """A client that was killed is what this is for."""
