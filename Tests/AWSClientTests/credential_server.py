"""Plays every service that gives credentials: STS, the portal and the tokens of IAM Identity Center,
the container's agent, the instance's metadata service. Writes its port to the file it is given, then a
line of JSON for each request."""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FILE = open(sys.argv[1], "a", buffering=1)
LOCK = threading.Lock()
EXPIRES = "2099-01-01T00:00:00Z"


def sts(action: str, key: str) -> str:
    return (f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>s-{key}</SecretAccessKey><SessionToken>t-{key}</SessionToken>"
            f"<Expiration>{EXPIRES}</Expiration></Credentials></{action}Result></{action}Response>")


def role(key: str, expires: str = EXPIRES) -> str:
    return json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": f"s-{key}",
                       "Token": f"t-{key}", "Expiration": expires})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = urlsplit(self.path)
        form = {k: v[0] for k, v in parse_qs(body).items()}
        headers = {k.lower(): v for k, v in self.headers.items()}
        with LOCK:
            FILE.write(json.dumps({"method": self.command, "path": parts.path, "query": parts.query,
                                   "form": form, "headers": headers}) + "\n")
        self.answer(*self.reply(parts.path, form, headers))

    do_GET = do_PUT = do_POST = serve

    def reply(self, path: str, form: dict, headers: dict) -> tuple[int, str]:
        action = form.get("Action")
        if action:
            return 200, sts(action, "K" + form["RoleArn"].split("/")[-1])
        if path == "/token":
            return 200, json.dumps({"accessToken": "renewed", "expiresIn": 28800, "refreshToken": "next"})
        if path == "/federation/credentials":
            if headers.get("x-amz-sso_bearer_token") not in ("fresh", "renewed"):
                return 401, json.dumps({"message": "Session token not found or invalid", "__type": "UnauthorizedException"})
            return 200, json.dumps({"roleCredentials": {
                "accessKeyId": "KSSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4070908800000}})
        if path == "/container":
            return 200, role("KCONTAINER")
        if path == "/latest/api/token":
            return 200, "session"
        if path.startswith("/latest/meta-data/") and headers.get("x-aws-ec2-metadata-token") != "session":
            return 401, ""
        if path == "/latest/meta-data/iam/security-credentials/":
            return 200, "app-role"
        if path == "/latest/meta-data/iam/security-credentials/app-role":
            return 200, role("KINSTANCE", "2001-01-01T00:00:00Z")
        return 404, ""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
FILE.write(f"{server.server_port}\n")
server.serve_forever()
