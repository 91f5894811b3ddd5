"""What SeaweedFS does not do, after AWS's documentation: statuses of replication, encryption with KMS, objects
too large for a test, and uploads in parts that are copied from other objects."""
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.sax.saxutils import escape

# What a listing shows of an object beside HEAD.
SHOWN = {"Content-Length": "Size", "x-amz-storage-class": "StorageClass"}
ROW = re.compile(rb"<Contents>.*?</Contents>", re.DOTALL)


@dataclass
class Upload:
    """An upload in parts."""
    bucket: str
    key: str
    headers: dict[str, str]
    state: str = "open"
    parts: dict[int, dict] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(part["to"] - part["from"] + 1 for part in self.parts.values())

    @property
    def told(self) -> dict:
        return {"bucket": self.bucket, "key": self.key, "headers": self.headers, "state": self.state,
                "parts": [self.parts[number] | {"number": number} for number in sorted(self.parts)]}


class Pretences:
    def __init__(self):
        self.objects: dict[str, dict[str, str]] = {}
        self.uploads: dict[str, Upload] = {}

    def reset(self) -> None:
        self.objects, self.uploads = {}, {}

    def of(self, name: str) -> dict[str, str]:
        """Header fields for BUCKET/KEY; what is said of `BUCKET/` holds for all that it does not say otherwise."""
        return self.objects.get(name.split("/", 1)[0] + "/", {}) | self.objects.get(name, {})

    def listing(self, bucket: str, text: bytes) -> bytes:
        """The page with the sizes and storage classes that are pretended."""
        shown = {name.removeprefix(f"{bucket}/"): fields for name, fields in self.objects.items()
                 if name.startswith(f"{bucket}/") and SHOWN.keys() & fields.keys()}

        def row(match: re.Match) -> bytes:
            key = unquote(re.search(rb"<Key>(.*?)</Key>", match[0])[1].decode())
            line = match[0]
            for field, name in SHOWN.items():
                if value := shown.get(key, {}).get(field):
                    line = re.sub(rf"<{name}>[^<]+".encode(), f"<{name}>{value}".encode(), line)
            return line
        return ROW.sub(row, text) if shown else text

    def start(self, bucket: str, key: str, headers) -> str:
        name = secrets.token_hex(8)
        self.uploads[name] = Upload(bucket, key, {n.lower(): v for n, v in headers})
        return f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"

    def parts(self, name: str) -> str:
        """What an upload has so far."""
        parts = sorted(self.uploads[name].parts.items())
        rows = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{name}-{number}&quot;</ETag>"
                       f"<Size>{part['to'] - part['from'] + 1}</Size></Part>" for number, part in parts)
        return f"<ListPartsResult><IsTruncated>false</IsTruncated>{rows}</ListPartsResult>"

    def copy_part(self, name: str, number: int, source: tuple[str, str], wanted: str) -> str:
        first, last = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted).groups()
        self.uploads[name].parts[number] = {"from": int(first), "to": int(last), "source": source}
        return f"<CopyPartResult><ETag>&quot;{name}-{number}&quot;</ETag></CopyPartResult>"

    def complete(self, name: str, body: bytes) -> Upload | None:
        """None when the parts that are named are not the ones that were copied."""
        upload = self.uploads[name]
        named = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>(.*?)</ETag>", body.decode())
        etags = [(str(number), escape(f'"{name}-{number}"', {'"': "&quot;"})) for number in sorted(upload.parts)]
        if [(number, etag.replace('"', "&quot;")) for number, etag in named] != etags:
            return None
        upload.state = "complete"
        self.objects[f"{upload.bucket}/{upload.key}"] = {
            "Content-Length": str(upload.size), "ETag": f'"{secrets.token_hex(16)}-{len(named)}"'}
        return upload
