"""Makes signatures.json and endpoints.json, which the tests are held against.

Usage: scripts/lab python Tests/AWSClientTests/Vectors/make_vectors.py FOLDER

FOLDER is AWS's Signature Version 4 test suite (Apache License 2.0), as botocore's source distribution
has it: tests/unit/auth/aws4_testsuite. Further vectors are what botocore's own signers and endpoint
rules give; botocore is the implementation of AWS and has nothing in common with the one under test.
"""
import datetime
import json
import sys
from pathlib import Path
from unittest import mock

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import EndpointProviderError

HERE = Path(__file__).parent
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE+/=="
DATE = datetime.datetime(2015, 8, 30, 12, 36, 0, tzinfo=datetime.timezone.utc)


def published(folder: Path) -> list[dict]:
    cases = []
    for file in sorted(folder.rglob("*.req")):
        def read(kind: str) -> str:
            return file.with_suffix(kind).read_text()
        cases.append({"name": file.stem, "request": file.read_text(), "canonical": read(".creq"),
                      "to_sign": read(".sts"), "authorization": read(".authz")})
    return cases


REQUESTS = [
    ("GET", "https://backup.us-west-2.amazonaws.com/backup-vaults/v/recovery-points/arn%3Aaws%3Aec2%3A%3Aa%2Fb", {}, b"",
     "backup"),
    ("GET", "https://eks.us-west-2.amazonaws.com/clusters/a%20b", {"Accept": "application/json"}, b"", "eks"),
    ("POST", "https://kms.us-west-2.amazonaws.com/", {"X-Amz-Target": "TrentService.DescribeKey",
     "Content-Type": "application/x-amz-json-1.1"}, b'{"KeyId":"alias/a"}', "kms"),
    ("GET", "https://route53.amazonaws.com/2013-04-01/hostedzone/Z/rrset?name=a.b.&type=CNAME", {}, b"", "route53"),
    ("POST", "https://rds.us-west-2.amazonaws.com/", {"Content-Type": "application/x-www-form-urlencoded"},
     b"Action=DescribeDBInstances&Version=2014-10-31", "rds"),
    ("GET", "http://127.0.0.1:4566/?b=2&a=1&empty=", {}, b"", "ec2"),
]
S3_REQUESTS = [
    ("GET", "https://bucket.s3.us-west-2.amazonaws.com/a%20b/%C3%A9%2B%25/..//c", {}, b""),
    ("GET", "https://bucket.s3.us-west-2.amazonaws.com/?list-type=2&prefix=a%2Fb&max-keys=1000", {}, b""),
    ("GET", "https://bucket.s3.us-west-2.amazonaws.com/?versions=&key-marker=%2F", {}, b""),
    ("PUT", "https://s3.us-west-2.amazonaws.com/bucket/key", {"x-amz-meta-t-two": "b", "x-amz-meta-t": "a  c",
     "Content-Type": "text/plain"}, b"content"),
    ("DELETE", "http://localhost:9000/bucket/key?versionId=x%2By", {}, b""),
    ("HEAD", "https://bucket.s3.us-west-2.amazonaws.com/k", {"Range": "bytes=0-1"}, b""),
]


def request(method: str, url: str, headers: dict, body: bytes) -> AWSRequest:
    made = AWSRequest(method, url, headers=dict(headers), data=body)
    made.context["client_config"] = Config()
    made.context["payload_signing_enabled"] = True
    return made


def derived() -> list[dict]:
    cases = []
    for token in (None, TOKEN):
        credentials = Credentials(KEY, SECRET, token)
        for method, url, headers, body, service in REQUESTS:
            made = request(method, url, headers, body)
            botocore.auth.SigV4Auth(credentials, service, "us-west-2").add_auth(made)
            signed = request(method, url, headers, b"")
            botocore.auth.SigV4QueryAuth(credentials, service, "us-west-2", expires=900).add_auth(signed)
            cases.append({"method": method, "url": url, "headers": headers, "body": body.decode(), "token": token,
                          "service": service, "authorization": made.headers["Authorization"],
                          # Bodies do not go into URLs.
                          "signed_url": None if body else signed.url})
        for method, url, headers, body in S3_REQUESTS:
            made = request(method, url, headers, body)
            botocore.auth.S3SigV4Auth(credentials, "s3", "us-west-2").add_auth(made)
            signed = request(method, url, headers, b"")
            botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-west-2", expires=900).add_auth(signed)
            cases.append({"method": method, "url": url, "headers": headers, "body": body.decode(), "token": token,
                          "service": "s3", "authorization": made.headers["Authorization"],
                          "signed_url": signed.url})
    return cases


SERVICES = ["rds", "sts", "iam", "cloudwatch", "ec2", "kms", "secretsmanager", "ssm", "service-quotas", "eks",
            "backup", "route53", "s3"]
REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "cn-north-1", "cn-northwest-1", "us-gov-west-1",
           "us-gov-east-1", "eusc-de-east-1"]


def endpoints() -> list[dict]:
    session = botocore.session.Session()
    session.set_credentials(KEY, SECRET)
    found = []
    for service in SERVICES:
        rules = session.create_client(service, region_name="us-east-1")._ruleset_resolver._provider
        for region in REGIONS:
            for fips in (False, True):
                for dual in (False, True):
                    try:
                        endpoint = rules.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
                    except EndpointProviderError:
                        continue
                    scheme = (endpoint.properties.get("authSchemes") or [{}])[0]
                    found.append({"service": service, "region": region, "fips": fips, "dual": dual,
                                  "url": endpoint.url, "signing_region": scheme.get("signingRegion")})
    return found


def main() -> None:
    with mock.patch("botocore.auth.get_current_datetime", return_value=DATE):
        data = {"published": published(Path(sys.argv[1])), "derived": derived()}
    (HERE / "signatures.json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    rows = ",\n".join(json.dumps(row) for row in endpoints())
    (HERE / "endpoints.json").write_text(f"[{rows}]\n")


main()
