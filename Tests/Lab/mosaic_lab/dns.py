"""A name server over UDP that answers from the zones of the lab's Route 53."""
import socket
import struct
import threading

from moto.backends import get_backend

from .model import ACCOUNT

TYPES = {1: "A", 5: "CNAME"}


def backend():
    return get_backend("route53")[ACCOUNT]["aws"]


def seed(zone: str, name: str, address: str, ttl: int) -> None:
    made = backend().create_hosted_zone(zone, private_zone=False)
    backend().change_resource_record_sets(made.id, [{
        "Action": "CREATE", "ResourceRecordSet": {
            "Name": name, "Type": "A", "TTL": ttl, "ResourceRecords": [{"Value": address}]}}])


def lookup(name: str, kind: str) -> list[tuple[int, str]]:
    return [(int(record.ttl or 0), value) for zone in backend().zones.values() for record in zone.rrsets
            if record.name.rstrip(".").lower() == name and record.type == kind for value in record.records]


def data(kind: str, value: str) -> bytes:
    if kind == "A":
        return socket.inet_aton(value)
    return b"".join(bytes([len(part)]) + part.encode() for part in value.rstrip(".").split(".")) + b"\0"


def answer(question: bytes) -> bytes:
    labels, place = [], 12
    while length := question[place]:
        labels.append(question[place + 1:place + 1 + length].decode())
        place += 1 + length
    kind = TYPES.get(struct.unpack("!H", question[place + 1:place + 3])[0], "")
    rows = lookup(".".join(labels).lower(), kind)
    body = b"".join(
        struct.pack("!HHHIH", 0xC00C, {v: k for k, v in TYPES.items()}[kind], 1, ttl, len(data(kind, value)))
        + data(kind, value) for ttl, value in rows)
    head = question[:2] + struct.pack("!HHHHH", 0x8580 | (0 if rows else 3), 1, len(rows), 0, 0)
    return head + question[12:place + 5] + body


class NameServer:
    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "%s:%d" % self.socket.getsockname()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            question, client = self.socket.recvfrom(512)
            try:
                self.socket.sendto(answer(question), client)
            except (IndexError, struct.error):
                continue
