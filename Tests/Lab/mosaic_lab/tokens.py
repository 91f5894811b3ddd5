"""IAM database authentication: PostgreSQL lets this directory decide about the passwords of members of
`rds_iam`, and it takes a token whose signature, time, place and permission are right. It speaks as much
LDAP as a simple bind needs (RFC 4511)."""
import socketserver
import threading
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .access import Need, allows
from .model import ACCOUNT, now

BIND, BOUND, SUCCESS, INVALID_CREDENTIALS = 0x60, 0x61, 0, 49
LONGEST = timedelta(minutes=15)


def element(data: bytes, place: int = 0) -> tuple[int, bytes, int]:
    """Kind, content and end of the BER element at a place."""
    kind, length, place = data[place], data[place + 1], place + 2
    if length & 0x80:
        count = length & 0x7F
        length, place = int.from_bytes(data[place:place + count]), place + count
    return kind, data[place:place + length], place + length


class Tokens:
    def __init__(self, rds, tls: Path) -> None:
        self.rds, self.access = rds, None
        tokens = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while message := tokens.read(self.rfile):
                    _, content, _ = element(message)
                    _, number, place = element(content)
                    kind, bind, _ = element(content, place)
                    if kind != BIND:
                        return
                    _, _, place = element(bind)
                    _, name, place = element(bind, place)
                    _, token, _ = element(bind, place)
                    good = tokens.check(name.decode(), token.decode())
                    result = bytes([0x0A, 1, SUCCESS if good else INVALID_CREDENTIALS, 4, 0, 4, 0])
                    answer = bytes([2, len(number)]) + number + bytes([BOUND, len(result)]) + result
                    self.wfile.write(bytes([0x30, len(answer)]) + answer)
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        (tls / "tokens").write_text(str(self.server.server_address[1]))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def read(stream) -> bytes:
        head = stream.read(2)
        if len(head) < 2:
            return b""
        more = stream.read(head[1] & 0x7F) if head[1] & 0x80 else b""
        return head + more + stream.read(int.from_bytes(more) if more else head[1])

    def check(self, name: str, token: str) -> bool:
        parts = dict(part.split("=", 1) for part in name.split(","))
        found = [i for i in self.rds.instances.values() if i.cluster and i.cluster.folder.name == parts["ou"]]
        try:
            return bool(found) and self.holds(token, parts["uid"], found[0])
        except (KeyError, ValueError):
            return False

    def holds(self, token: str, role: str, instance) -> bool:
        place = urlsplit("https://" + token)
        values = dict(parse_qsl(place.query))
        key, _, region, service, _ = values["X-Amz-Credential"].split("/")
        user = self.access.users.get(key)
        made = datetime.strptime(values["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        lasts = timedelta(seconds=int(values["X-Amz-Expires"]))
        right = (user and values["Action"] == "connect" and values["DBUser"] == role and service == "rds-db"
                 and place.netloc == f"127.0.0.1:{instance.port}" and region == instance.region
                 and lasts <= LONGEST and now() < made + lasts
                 and instance.values["IAMDatabaseAuthenticationEnabled"] == "true")
        if not right:
            return False
        request = AWSRequest("GET", url=f"https://{place.netloc}/?" + place.query.partition("&X-Amz-Signature=")[0])
        request.context["timestamp"] = values["X-Amz-Date"]
        signer = SigV4QueryAuth(Credentials(user.key, user.secret), service, region)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        need = Need("rds-db:connect", f"arn:aws:rds-db:{region}:{ACCOUNT}:dbuser:{instance.resource}/{role}", {})
        return signer.signature(text, request) == values["X-Amz-Signature"] and allows(user.policy, need)
