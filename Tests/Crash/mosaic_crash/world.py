"""The service that a killed run works on: things that are made, marked and removed over HTTP.

It counts every call that changes something, by what the call names. As with RDS a name can be taken
once, and what was made may show only later.
"""
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# By what a call names. busy: 503 so many times, without effect. lose: effect, but no answer, so many
# times. slow: the effect comes so many seconds after the call, whatever becomes of the caller.
# late: the thing can be seen so many seconds after it was made.
FAULTS = {
    "GET values/right": {"busy": 2},
    "POST things/right-copy": {"busy": 2, "slow": 0.06},
    "POST things/left-copy": {"lose": 1, "late": 0.12},
    "POST things/right-copy/marks/first": {"lose": 1},
    "POST things/left-copy/marks/second": {"busy": 1},
    "DELETE things/left-copy": {"lose": 1},
    "DELETE things/right-extra": {"busy": 1},
}
READY, GONE = 0.04, 0.03  # seconds that making and removing take
VALUES = {"left": 7, "right": 11}


class World:
    """What one run works on."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.things: dict[str, dict] = {}
        self.effects: Counter = Counter()
        self.calls: Counter = Counter()
        self.faults = {what: dict(faults) for what, faults in FAULTS.items()}
        self.under_way = 0

    def take(self, what: str, fault: str) -> bool:
        with self.lock:
            left = self.faults.get(what, {}).get(fault, 0)
            if left > 0:
                self.faults[what][fault] = left - 1
            return left > 0

    def drain(self) -> None:
        """Waits until the calls of a process that is gone have come to their end; slow ones go on."""
        time.sleep(0.01)
        end = time.monotonic() + 5
        while self.under_way and time.monotonic() < end:
            time.sleep(0.005)

    def answer(self, method: str, path: str, body: dict) -> tuple[int, dict] | None:
        """Status and content; None drops the connection."""
        what = f"{method} {path}"
        if self.take(what, "busy"):
            return 503, {}
        if slow := FAULTS.get(what, {}).get("slow"):
            self.count(-1)
            time.sleep(slow)
            self.count(1)
        with self.lock:
            result = self.act(method, path.split("/"), body, what)
        return None if self.take(what, "lose") else result

    def count(self, change: int) -> None:
        with self.lock:
            self.under_way += change

    def act(self, method: str, words: list[str], body: dict, what: str) -> tuple[int, dict]:
        now = time.monotonic()
        if words[0] == "values":
            return 200, {"value": VALUES[words[1]]}
        name = words[1]
        thing = self.things.get(name)
        if thing and thing["gone"] and thing["gone"] < now:
            del self.things[name]
            thing = None
        if method != "GET":
            self.calls[what] += 1
        if method == "POST" and len(words) == 2:
            if thing:
                return 409, {}
            self.effects[what] += 1
            thing = {"id": f"{name}#{self.effects[what]}", "marks": [], "gone": None, **body,
                     "seen": now + FAULTS.get(what, {}).get("late", 0), "ready": now + READY}
            self.things[name] = thing
            return 201, {"id": thing["id"]}
        if not thing or thing["seen"] > now:
            return 404, {}
        if method == "POST":
            if words[3] in thing["marks"]:
                return 409, {}
            self.effects[what] += 1
            thing["marks"].append(words[3])
        if method == "DELETE" and not thing["gone"]:
            self.effects[what] += 1
            thing["gone"] = now + GONE
        state = "deleting" if thing["gone"] else "ready" if thing["ready"] < now else "making"
        return 200, {key: thing[key] for key in ("id", "run", "step", "marks")} | {"state": state}

    def left(self) -> list[str]:
        now = time.monotonic()
        return [name for name, thing in self.things.items() if not thing["gone"] or thing["gone"] > now]


class Worlds(ThreadingHTTPServer):
    """Serves every world under a path of its own: http://…/NUMBER/…"""
    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.worlds: dict[str, World] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def make(self) -> tuple[World, str]:
        world, name = World(), str(len(self.worlds))
        self.worlds[name] = world
        return world, f"http://127.0.0.1:{self.server_port}/{name}"

    def handle_error(self, request, client_address) -> None:
        """Callers die in the middle of their calls; that is what they are for."""


class Handler(BaseHTTPRequestHandler):
    server: Worlds
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_) -> None:
        """The worlds count; they keep no log."""

    def serve(self) -> None:
        _, name, path = self.path.split("/", 2)
        world = self.server.worlds[name]
        world.count(1)
        try:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length)
            if len(text) < length:
                self.close_connection = True
                return
            answer = world.answer(self.command, path, json.loads(text or b"{}"))
        finally:
            world.count(-1)
        if answer is None:
            self.close_connection = True
            return
        content = json.dumps(answer[1]).encode()
        self.send_response_only(answer[0])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = serve
