"""The endpoint: checks signatures, keeps the log, plays faults; moto serves what is not RDS proper."""
import io
import json
import re
import threading
import time
import uuid
from datetime import datetime, timezone
from email.utils import formatdate
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app

from . import awsbackup, eks, kms, routes
from .access import Access, Call, User
from .model import RDSError
from .rds import RDS

SCOPE = re.compile(r"Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?"
                   r"Signature=([0-9a-f]{64})")


# What a fault's "instance" is held against.
NAMES = ["DBInstanceIdentifier", "TargetDBInstanceIdentifier", "DBSnapshotIdentifier",
         "TargetDBSnapshotIdentifier", "SourceDBInstanceArn"]


class ConnectionDropped(ConnectionError):
    """Makes the server close the connection without an answer, as it does when its client is gone."""


class Endpoint:
    def __init__(self, rds: RDS, faults, log: Path, key: str, secret: str, control):
        self.rds, self.faults, self.log_path, self.control = rds, faults, log, control
        self.access, self.backup = Access(rds, key, secret), awsbackup.Backup(rds)
        self.addons = eks.Addons()
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if environ["PATH_INFO"].startswith("/lab/"):
            return self.answer_control(environ, body, start_response)
        began = time.monotonic()
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        region, service = (scope[3], scope[4]) if scope else ("", "")
        status, text, code = self.serve(environ, body, form, scope, region)
        user = self.access.users.get(scope[1]) if scope else None
        row = {"at": datetime.now(timezone.utc).isoformat(), "service": service, "region": region,
               "user": user and user.name, "action": self.action(environ, form), "status": status, "code": code,
               "ms": int((time.monotonic() - began) * 1000),
               "form": {k: "[redacted]" if "Password" in k else v for k, v in form.items()}}
        with self.lock, self.log_path.open("a") as log:
            log.write(json.dumps(row) + "\n")
        if status == 0:
            raise ConnectionDropped
        headers = [("Content-Type", "text/xml"), ("Content-Length", str(len(text))),
                   ("Date", formatdate(usegmt=True)), ("x-amzn-RequestId", str(uuid.uuid4()))]
        start_response(f"{status} Answer", headers + environ.get("lab.headers", []))
        return [text]

    def serve(self, environ, body, form, scope, region) -> tuple[int, bytes, str | None]:
        action = self.action(environ, form)
        named = [form[k] for k in NAMES if k in form]
        instance = named[0] if named else ""
        match = {"instance": instance, "action": action, "region": region}
        if region in self.rds.lost or self.faults.take("drop-before", **match):
            return 0, b"", None
        try:
            user = self.check(environ, body, scope)
            _, path = self.route(environ)
            self.access.authorize(user, Call(scope[4], region, action, form, path, body))
            if fault := self.faults.take("error", **match):
                raise RDSError(fault["code"], fault.get("message", "asked for by a test"),
                               fault.get("status", 400))
            if fault := self.faults.take("delay", **match):
                time.sleep(fault["seconds"])
            own = {"GetCallerIdentity": lambda: self.access.identity(user),
                   "SimulatePrincipalPolicy": lambda: self.access.simulate(form)}.get(action)
            if scope[4] == "rds" and self.rds.serves(form):
                own = partial(self.rds.handle, region, form)
            text = kms.handle(region, action, body) if scope[4] == "kms" else None
            if text is not None:
                answer = 200, text, None
            elif scope[4] == "backup":
                answer = 200, self.backup.handle(region, action, path, body), None
            elif action == "DescribeAddon":
                answer = self.addons.describe(*path, environ)
            elif own:
                result = own()
                text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
                answer = 200, text.encode(), None
            else:
                answer = self.ask_moto(environ, body)
                if action == "GetChange" and self.faults.take("pending"):
                    answer = answer[0], answer[1].replace(b"INSYNC", b"PENDING"), None
        except RDSError as error:
            if scope and (scope[4] == "backup" or "HTTP_X_AMZ_TARGET" in environ):
                text = json.dumps({"__type": error.code, "Message": error.message})
                return error.status, text.encode(), error.code
            text = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{error.code}</Code><Message>"
                    f"{error.message}</Message></Error></ErrorResponse>")
            answer = error.status, text.encode(), error.code
        if self.faults.take("drop", **match):
            return 0, b"", answer[2]
        return answer

    @staticmethod
    def route(environ) -> tuple[str, list[str]]:
        return routes.find(environ["REQUEST_METHOD"], environ["RAW_URI"].partition("?")[0])

    @classmethod
    def action(cls, environ, form: dict) -> str:
        """Of the Query protocol, else of the JSON protocol, else by its path."""
        named = form.get("Action") or environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        return named or cls.route(environ)[0]

    def check(self, environ, body: bytes, scope) -> User:
        if not scope:
            raise RDSError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        user = self.access.users.get(scope[1])
        if not user:
            raise RDSError("InvalidClientTokenId", "The security token is invalid.", 403)
        headers = {}
        for name in scope[5].split(";"):
            variable = name.upper().replace("-", "_")
            headers[name] = environ.get("HTTP_" + variable) or environ.get(variable, "")
        request = AWSRequest(environ["REQUEST_METHOD"], data=body, headers=headers,
                             url=f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}")
        request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
        auth = SigV4Auth(Credentials(user.key, user.secret), scope[4], scope[3])
        text = auth.string_to_sign(request, auth.canonical_request(request))
        if auth.signature(text, request) != scope[6]:
            raise RDSError("SignatureDoesNotMatch", "The signature does not match.", 403)
        return user

    def ask_moto(self, environ, body: bytes) -> tuple[int, bytes, str | None]:
        environ["wsgi.input"] = io.BytesIO(body)
        kept = {}

        def start(status, headers, *_):
            kept["status"] = int(status.split()[0])
            # Where REST services say what kind of error it is.
            environ["lab.headers"] = [h for h in headers if h[0].lower() == "x-amzn-errortype"]
        text = b"".join(self.moto(environ, start))
        code = re.search(rb"<Code>([^<]+)</Code>", text) if kept["status"] >= 400 else None
        return kept["status"], text, code[1].decode() if code else None

    def answer_control(self, environ, body: bytes, start_response):
        result = self.control(environ["REQUEST_METHOD"], environ["PATH_INFO"][5:], body)
        text = json.dumps(result).encode()
        start_response("200 OK", [("Content-Type", "application/json"),
                                  ("Content-Length", str(len(text)))])
        return [text]
