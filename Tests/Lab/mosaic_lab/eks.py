"""What the emulator lacks of EKS: add-ons, and tokens that an API server can trust.

Tokens are held against what the authenticator of an EKS cluster demands (aws-iam-authenticator, pkg/token), and
their signature is computed anew with botocore.
"""
import base64
import json
import re
import ssl
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.backends import get_backend

from .model import ACCOUNT

CLUSTER = "mosaic-dr"
PREFIX, LONGEST, LIFETIME = "k8s-aws-v1.", 4096, timedelta(minutes=15)
ALLOWED = {"action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires",
           "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"}


def make_cluster(region: str, endpoint: str, authority: bytes) -> None:
    """A cluster whose API server is the lab's."""
    cluster = get_backend("eks")[ACCOUNT][region].create_cluster(
        name=CLUSTER, role_arn=f"arn:aws:iam::{ACCOUNT}:role/eks", resources_vpc_config={}, version="1.20")
    cluster.endpoint = endpoint
    cluster.certificate_authority = {"data": base64.b64encode(authority).decode()}


def masquerade(name: str) -> None:
    """Makes EKS say that another cluster, which is there, has the endpoint of the lab's."""
    for region in get_backend("eks")[ACCOUNT].values():
        own, other = region.clusters.get(CLUSTER), region.clusters.get(name)
        if own and other:
            other.endpoint, other.certificate_authority = own.endpoint, own.certificate_authority


class Addons:
    def __init__(self):
        self.known: dict[tuple[str, str], dict] = {}

    def put(self, cluster: str, name: str, status: str = "ACTIVE", version: str = "v1.0.0-eksbuild.1",
            issues: list | None = None) -> None:
        self.known[(cluster, name)] = {"addonName": name, "clusterName": cluster, "status": status,
                                       "addonVersion": version, "health": {"issues": issues or []}}

    def describe(self, cluster: str, name: str, environ) -> tuple[int, bytes, str | None]:
        if addon := self.known.get((cluster, name)):
            return 200, json.dumps({"addon": addon}).encode(), None
        code = "ResourceNotFoundException"
        environ["lab.headers"] = [("x-amzn-ErrorType", code)]
        return 404, json.dumps({"message": f"No addon: {name} found in cluster: {cluster}"}).encode(), code


class Untrusted(Exception):
    """Why a token is refused."""


class Authenticator:
    """Answers the API server's TokenReviews. Users of AWS are known by their ARN; the one that made the lab's
    cluster may do everything in it, as its creator may in EKS."""

    def __init__(self, tls: Path):
        self.users: dict = {}
        self.endpoint, self.refusals = "", []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls / "server.pem", tls / "server.key")
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                """What is refused is kept instead."""

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                review["status"] = owner.review(review.pop("spec")["token"])
                body = json.dumps(review).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configuration(self, authority: Path) -> str:
        """The kubeconfig by which the API server asks."""
        return yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "eks", "users": [{"name": "eks", "user": {}}],
            "clusters": [{"name": "eks", "cluster": {
                "certificate-authority": str(authority),
                "server": f"https://127.0.0.1:{self.server.server_port}/authenticate"}}],
            "contexts": [{"name": "eks", "context": {"cluster": "eks", "user": "eks"}}]})

    def review(self, token: str) -> dict:
        try:
            user = self.owner(token)
        except Untrusted as why:
            self.refusals.append(str(why))
            return {"authenticated": False, "error": str(why)}
        groups = ["system:masters"] if user.name == "lab" else []
        return {"authenticated": True, "user": {"username": user.arn, "groups": groups}}

    def owner(self, token: str):
        if not token.startswith(PREFIX) or len(token) > LONGEST:
            raise Untrusted("this is no token of EKS")
        text = token.removeprefix(PREFIX)
        url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        parts = urlsplit(url)
        pairs = [(name.lower(), value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        values = dict(pairs)
        if f"{parts.scheme}://{parts.netloc}" != self.endpoint or parts.path != "/":
            raise Untrusted("the URL is not STS's")
        if len(values) != len(pairs) or not set(values) <= ALLOWED:
            raise Untrusted("the query has other fields, or one of them twice")
        if values.get("action") != "GetCallerIdentity" or not 0 <= int(values["x-amz-expires"]) <= 900:
            raise Untrusted("it is no signed GetCallerIdentity")
        if "x-k8s-aws-id" not in values["x-amz-signedheaders"].split(";"):
            raise Untrusted("the cluster's name is not signed")
        signed = datetime.strptime(values["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        if abs(datetime.now(timezone.utc) - signed) > LIFETIME:
            raise Untrusted("it has expired")
        key, _, region, service = values["x-amz-credential"].split("/")[:4]
        user = self.users.get(key)
        if not user or service != "sts":
            raise Untrusted("nobody has that access key")
        request = AWSRequest("GET", url=re.sub("&X-Amz-Signature=[0-9a-f]+", "", url),
                             headers={"x-k8s-aws-id": CLUSTER})
        request.context["timestamp"] = values["x-amz-date"]
        auth = SigV4QueryAuth(Credentials(user.key, user.secret), service, region)
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        if signature != values["x-amz-signature"]:
            raise Untrusted("the signature does not match: another secret, or another cluster")
        return user
