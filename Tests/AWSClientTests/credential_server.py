"""Plays every service that gives credentials, and a service that is hard to please: STS, the portal and the tokens of IAM Identity Center,
the container's agent, the instance's metadata service. Writes its port to the file it is given, then a
line of JSON for each request."""
import json
import sys
import threading
import time
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


BUSY: dict[str, int] = {}


def refusal(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"


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
        if parts.path.startswith("/slow"):
            return self.work(parts.path)
        self.answer(*self.reply(parts.path, form, headers))

    def work(self, path: str) -> None:
        """As S3 copies: yes at once, white space while it works, the end behind it; or nothing any more."""
        text = b"<?xml version='1.0'?><CopyObjectResult><ETag>&quot;e&quot;</ETag></CopyObjectResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(text) + 12))
        self.end_headers()
        try:
            for _ in range(12):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(60 if path.endswith("/silent") else 0.25)
            self.wfile.write(text)
        except OSError:  # Nobody waits any more.
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = serve

    def reply(self, path: str, form: dict, headers: dict) -> tuple[int, str]:
        action = form.get("Action")
        if action == "GetCallerIdentity":
            return self.identity(headers)
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


    def identity(self, headers: dict) -> tuple[int, str]:
        """Takes no old token, and no signature that is not of its own year."""
        key = headers["authorization"].split("Credential=")[1].split("/")[0]
        if key.startswith("BUSY"):
            with LOCK:
                BUSY[key] = BUSY.get(key, 0) + 1
            if BUSY[key] <= int(key[4:]):
                return 400, refusal("Throttling")
        if headers.get("x-amz-security-token") == "expired":
            return 403, refusal("ExpiredToken")
        if key == "SKEWED":
            self.date = "Tue, 01 Jan 2030 00:00:00 GMT"
            if not headers["x-amz-date"].startswith("2030"):
                return 403, refusal("RequestTimeTooSkewed")
        return 200, ("<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account><Arn>a</Arn>"
                     "</GetCallerIdentityResult></GetCallerIdentityResponse>")

    def date_time_string(self, timestamp=None):
        return getattr(self, "date", None) or super().date_time_string(timestamp)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
FILE.write(f"{server.server_port}\n")
server.serve_forever()
