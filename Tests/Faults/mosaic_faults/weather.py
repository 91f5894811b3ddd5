"""Bad weather between a client and AWS: a script of mitmproxy, which stands in front of the lab.

The same seed gives the same fate to the nth call of each action. MOSAIC_WEATHER is a JSON object: `seed`,
`port`, a file that gets the port, and `log`, a file that gets a line for every call.
"""
import asyncio
import json
import os
import random
from collections import Counter
from urllib.parse import parse_qsl

from mitmproxy import ctx, http

# Of all calls, so many …
SHARES = {
    "throttled": 0.30,        # refused for their rate
    "expired": 0.02,          # refused for a token that has expired, in the middle of whatever it is
    "failed": 0.05,           # 500, 502 or 503, before the service sees them
    "failed-after": 0.04,     # the same, after the service has done them
    "reset": 0.04,            # the connection is gone, before the service sees them
    "reset-after": 0.04,      # the connection is gone, after the service has done them
    "cut": 0.04,              # half of the answer, and then the end of the connection
    "cut-whole": 0.02,        # half of the answer, which says that it is the whole
}
# … and of all, whatever else becomes of them, so many are late by up to so many seconds.
LATE, LATEST = 0.15, 1.5

ERROR = ("<ErrorResponse><Error><Type>{type}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
         "<RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>")
THROTTLING = [(400, "Sender", "Throttling", "Rate exceeded"),
              (503, "Receiver", "RequestLimitExceeded", "Request limit exceeded.")]
EXPIRED = 403, "Sender", "ExpiredToken", "The security token included in the request is expired."
FAILURES = [(500, "Receiver", "InternalFailure", "The request processing has failed."),
            (503, "Receiver", "ServiceUnavailable", "The request has failed."), (502, None, None, None)]


class Weather:
    def __init__(self) -> None:
        settings = json.loads(os.environ["MOSAIC_WEATHER"])
        self.seed, self.port, self.log = settings["seed"], settings["port"], settings["log"]
        self.calls: Counter = Counter()

    def running(self) -> None:
        (_, port, *_), = ctx.master.addons.get("proxyserver").listen_addrs()
        with open(self.port + ".part", "w") as file:
            file.write(str(port))
        os.rename(self.port + ".part", self.port)

    def fate(self, action: str) -> tuple[str, random.Random]:
        self.calls[action] += 1
        dice = random.Random(f"{self.seed} {action} {self.calls[action]}")
        place = dice.random()
        for fate, share in SHARES.items():
            place -= share
            if place < 0:
                return fate, dice
        return "fair", dice

    @staticmethod
    def action(request: http.Request) -> str:
        """Of the Query protocol, else of the JSON protocol, else what its path begins with."""
        named = dict(parse_qsl(request.get_text())).get("Action") or request.headers.get("x-amz-target")
        return named or f"{request.method} {request.path_components[0] if request.path_components else '/'}"

    async def request(self, flow: http.HTTPFlow) -> None:
        action = self.action(flow.request)
        fate, dice = self.fate(action)
        late = dice.uniform(0, LATEST) if dice.random() < LATE else 0
        flow.metadata.update(fate=fate, dice=dice)
        with open(self.log, "a") as file:
            file.write(json.dumps({"action": action, "fate": fate, "late": round(late, 3)}) + "\n")
        await asyncio.sleep(late)
        if fate == "throttled":
            flow.response = answer(flow.request, *dice.choice(THROTTLING))
        elif fate == "expired":
            flow.response = answer(flow.request, *EXPIRED)
        elif fate == "failed":
            flow.response = answer(flow.request, *dice.choice(FAILURES))
        elif fate == "reset":
            flow.kill()

    def response(self, flow: http.HTTPFlow) -> None:
        fate, dice = flow.metadata["fate"], flow.metadata["dice"]
        content = flow.response.raw_content or b""
        if fate == "failed-after":
            flow.response = answer(flow.request, *dice.choice(FAILURES))
        elif fate == "reset-after":
            flow.kill()
        elif fate in ("cut", "cut-whole"):
            flow.response.content = content[:len(content) // 2]
            flow.response.headers["Connection"] = "close"
            if fate == "cut":
                flow.response.headers["Content-Length"] = str(len(content))


def answer(request: http.Request, status: int, type: str | None, code: str | None, message: str | None) -> http.Response:
    if code is None:
        return http.Response.make(status, "<html><body><h1>502 Bad Gateway</h1><hr></body></html>",
                                  {"Content-Type": "text/html"})
    if "x-amz-target" in request.headers or "/backup/aws4_request" in request.headers.get("authorization", ""):
        return http.Response.make(status, json.dumps({"__type": code, "message": message}),
                                  {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code})
    text = ERROR.format(type=type, code=code, message=message)
    return http.Response.make(status, text, {"Content-Type": "text/xml"})


addons = [Weather()]
