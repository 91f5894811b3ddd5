"""Writes S3 Inventory reports of buckets (S3 User Guide, "Locating your inventory list")."""
import csv
import gzip
import hashlib
import io
import json
import random
from datetime import datetime, timezone
from urllib.parse import quote

from .seaweed import Region

SCHEMA = "Bucket, Key, Size, LastModifiedDate, ETag, StorageClass"


def write(region: Region, bucket: str, to: str, files: int) -> str:
    """A report of what the bucket holds now, in no order, as that many files.

    Returns what stands before the dates of its reports."""
    client, now = region.client, datetime.now(timezone.utc)
    prefix = f"reports/{bucket}/daily/"
    rows = [row for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for row in page.get("Contents", [])]
    random.shuffle(rows)
    listed = []
    for number in range(files):
        text = io.StringIO()
        lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows[number::files]:
            modified = row["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
            lines.writerow([bucket, quote(row["Key"], safe="/"), row["Size"], modified, row["ETag"].strip('"'),
                            "STANDARD"])
        content = gzip.compress(text.getvalue().encode())
        key = f"{prefix}data/{now:%H%M%S%f}-{number}.csv.gz"
        client.put_object(Bucket=to, Key=key, Body=content)
        listed.append({"key": key, "size": len(content), "MD5checksum": hashlib.md5(content).hexdigest()})
    manifest = json.dumps({
        "sourceBucket": bucket, "destinationBucket": f"arn:aws:s3:::{to}", "version": "2016-11-30",
        "creationTimestamp": str(int(now.timestamp() * 1000)), "fileFormat": "CSV", "fileSchema": SCHEMA,
        "files": listed}).encode()
    folder = f"{prefix}{now:%Y-%m-%dT%H-%M}Z"
    client.put_object(Bucket=to, Key=f"{folder}/manifest.json", Body=manifest)
    client.put_object(Bucket=to, Key=f"{folder}/manifest.checksum", Body=hashlib.md5(manifest).hexdigest().encode())
    return prefix
