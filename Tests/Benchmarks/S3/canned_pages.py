"""Writes a bucket's listing as files, one a page, and an nginx configuration that serves them.

Every bucket name gives the same listing, so that a comparison finds two equal buckets. A page is chosen by
the continuation token, or by what a listing starts behind: all keys that begin with the first digits of a
page's number, as a client asks that divides the keys among connections."""
import hashlib
import os
import subprocess
import sys
from pathlib import Path

PAGE = 1000


def key(number: int) -> str:
    """Twelve objects a second of a media store: the key names its page first."""
    return f"media/{number // PAGE:04d}/{number % PAGE:03d}-{hashlib.md5(b'%d' % number).hexdigest()[:12]}.jpg"


EMPTY = (b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>canned</Name>'
         b"<KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>")


# What a bucket says of its settings, so that a whole drill finds nothing amiss.
SETTINGS = {
    "versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    "encryption": "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256"
                  "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
    "ownershipControls": "<OwnershipControls/>", "object-lock": "<ObjectLockConfiguration/>",
    "lifecycle": "<LifecycleConfiguration/>",
    "publicAccessBlock": "<PublicAccessBlockConfiguration>" + "".join(
        f"<{name}>true</{name}>" for name in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                              "RestrictPublicBuckets")) + "</PublicAccessBlockConfiguration>",
    "replication": "<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>all</ID>"
                   "<Priority>1</Priority><Status>Enabled</Status><Filter/><Destination><Bucket>arn:aws:s3:::replica"
                   "</Bucket></Destination></Rule></ReplicationConfiguration>",
}
IDENTITY = ("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/bench</Arn>"
            "<UserId>bench</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>")

REFUSAL = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not here</Message></Error></ErrorResponse>"


def page(number: int, pages: int) -> bytes:
    is_last = number + 1 == pages
    token = "" if is_last else f"<NextContinuationToken>p{number + 1:04d}</NextContinuationToken>"
    rows = []
    for index in range(number * PAGE, number * PAGE + PAGE):
        etag = hashlib.md5(b"content %d" % index).hexdigest()
        rows.append(f"<Contents><Key>{key(index)}</Key>"
                    f"<LastModified>2026-11-24T03:{index // 60 % 60:02d}:{index % 60:02d}.000Z</LastModified>"
                    f"<ETag>&quot;{etag}&quot;</ETag><Size>{1000 + index % 900_000}</Size>"
                    f"<Owner><ID>{'75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a'}</ID>"
                    f"</Owner><StorageClass>STANDARD</StorageClass></Contents>")
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>canned</Name>'
            f"<Prefix></Prefix>{token}<KeyCount>{PAGE}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
            f"<EncodingType>url</EncodingType><IsTruncated>{'false' if is_last else 'true'}</IsTruncated>"
            + "".join(rows) + "</ListBucketResult>").encode()


def write(folder: Path, pages: int) -> None:
    root = folder / "pages"
    root.mkdir(parents=True, exist_ok=True)
    for number in range(pages):
        (root / f"p{number:04d}").write_bytes(page(number, pages))
    (root / "empty").write_bytes(EMPTY)
    for name, text in (SETTINGS | {"identity": IDENTITY}).items():
        (root / name).write_text(text)
    for width in range(1, 5):
        for digits in range(10 ** width):
            behind = (digits + 1) * 10 ** (4 - width)
            (root / f"after-{digits:0{width}d}").symlink_to(f"p{behind:04d}" if behind < pages else "empty")


def certify(folder: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "certificate.pem"], check=True, capture_output=True)
    return folder / "certificate.pem"


def configure(folder: Path, port: int, encrypted: int) -> Path:
    """nginx, on one port plain and on the other with TLS, answers `GET /BUCKET/?list-type=2…` with the page of its token, the first without one; `GET
    /BUCKET/?versioning` with the setting; and who asks STS is told who it is."""
    path = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    path.write_text(f"""
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/xml;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  map $args $page {{
    default p0000;
    "~continuation-token=(p[0-9]+)" $1;
    "~start-after=media%2F([0-9][0-9]?[0-9]?[0-9]?)%F4%8F%BF%BF" after-$1;
    "~start-after=" empty;
    "~^({"|".join(SETTINGS)})=?$" $1;
  }}
  server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{encrypted} ssl;
    ssl_certificate {certify(folder)}; ssl_certificate_key {folder}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    location /plain/ {{ root {folder}; rewrite ^/plain/(.*)$ /pages/$1 break; }}
    if ($http_authorization ~ "/iam/aws4_request") {{ return 403 "{REFUSAL}"; }}
    error_page 405 =200 /pages/identity;
    location = /pages/identity {{ root {folder}; }}
    location / {{ root {folder}; rewrite ^ /pages/$page break; }}
  }}
}}
""")
    return path


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
    configure(Path(sys.argv[1]), int(sys.argv[3]), int(sys.argv[4]))
