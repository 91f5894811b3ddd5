"""A lab of the tests' own, started and ended by scripts/lab, and asked through boto3."""
import atexit
import json
import os
import re
import subprocess
import tempfile
import time
import unittest
from datetime import datetime
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "lab"
EAST, WEST, KEY, PRIMARY = "us-east-1", "us-west-2", "alias/mosaic-dr", "mosaic-prod-core"


class RunningLab:
    def __init__(self) -> None:
        self.parent = Path(tempfile.mkdtemp())
        self.parent.chmod(0o755)
        self.folder = self.parent / "lab"
        # Also when the tests are interrupted.
        atexit.register(self.down)
        self.run("up")
        self.variables = dict(re.findall(r"export (\w+)='(.*)'", (self.folder / "env").read_text()))

    def run(self, *words: str) -> str:
        done = subprocess.run([str(SCRIPT), *words], env=os.environ | {"MOSAIC_LAB": str(self.folder)},
                              check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def down(self) -> None:
        if self.parent.exists():
            self.run("down")
            self.parent.rmdir()

    def fault(self, **fault) -> None:
        self.run("faults", "add", json.dumps(fault))

    def client(self, region: str, service: str = "rds"):
        v = self.variables
        return boto3.client(
            service, region_name=region, endpoint_url=v["AWS_ENDPOINT_URL"],
            aws_access_key_id=v["AWS_ACCESS_KEY_ID"], aws_secret_access_key=v["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}))

    def processes(self) -> list[str]:
        """What runs in the lab's folder or names it."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                place = os.readlink(process / "cwd")
            except OSError:
                continue
            if str(self.folder) in words or place.startswith(str(self.folder)):
                found.append(words or place)
        return found


class LabCase(unittest.TestCase):
    """Tests that share one lab."""
    lab: RunningLab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = RunningLab()
        cls.addClassCleanup(cls.lab.down)
        cls.east, cls.west = cls.lab.client(EAST), cls.lab.client(WEST)

    def setUp(self) -> None:
        self.lab.run("faults", "clear")
        self.name = re.sub("[A-Z]", lambda m: "-" + m[0].lower(), self._testMethodName.split("_")[-1])[:40].strip("-")

    def wait(self, what: str, holds, seconds: float = 60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := holds():
                return found
            time.sleep(0.2)
        self.fail(f"not within {seconds} s: {what}")

    def refused(self, code: str, call, **words) -> str:
        with self.assertRaises(ClientError) as caught:
            call(**words)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def instance(self, client, name: str = PRIMARY) -> dict:
        return client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def snapshot(self, client, name: str) -> dict:
        return client.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]

    def window(self, client) -> datetime:
        found = client.describe_db_instance_automated_backups(DBInstanceIdentifier=PRIMARY)
        return found["DBInstanceAutomatedBackups"][0]["RestoreWindow"]["LatestTime"]

    def usable(self, client, name: str = PRIMARY) -> dict:
        def available():
            found = self.instance(client, name)
            self.assertNotIn(found["DBInstanceStatus"], ["failed", "restore-error"])
            return found if found["DBInstanceStatus"] == "available" else None
        return self.wait(f"{name} is available", available)

    def complete(self, client, name: str) -> dict:
        def available():
            found = self.snapshot(client, name)
            self.assertNotEqual(found["Status"], "failed")
            return found if found["Status"] == "available" else None
        return self.wait(f"{name} is available", available)

    def sql(self, text: str, instance: dict | None = None) -> str:
        """By the lab's own role, which may write."""
        port = (instance or self.instance(self.east))["Endpoint"]["Port"]
        done = subprocess.run(["/usr/lib/postgresql/15/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h",
                               "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "mosaic", "-c", text],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def person(self, number: int) -> datetime:
        """A row written to the primary, and the server's time just after."""
        self.sql(f"insert into people values ({number}, 'Row {number}', now())")
        return datetime.fromisoformat(self.sql("select clock_timestamp()"))

    def people(self, instance: dict, *numbers: int) -> list[int]:
        """Which of these rows an instance has."""
        rows = self.sql(f"select id from people where id in ({','.join(map(str, numbers))}) order by id",
                        instance)
        return [int(row) for row in rows.split()]

    def take(self, name: str, **more) -> dict:
        self.usable(self.east)
        return self.east.create_db_snapshot(
            DBInstanceIdentifier=PRIMARY, DBSnapshotIdentifier=name, **more)["DBSnapshot"]

    def restore(self, client, snapshot: str, name: str) -> dict:
        client.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot, DBSubnetGroupName="dr-private")
        self.addCleanup(self.gone, client, name)
        return self.usable(client, name)

    def gone(self, client, name: str) -> None:
        client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        self.wait(f"{name} is gone", lambda: name not in [
            i["DBInstanceIdentifier"] for i in client.describe_db_instances()["DBInstances"]])
