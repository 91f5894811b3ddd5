"""The lab's one process in the background: seeds the platform, serves, and ends what it started."""
import json
import logging
import os
import secrets
import signal
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path

from moto.backends import get_backend
from werkzeug.serving import WSGIRequestHandler, make_server

from . import postgres, seed
from .faults import Faults
from .rds import ACCOUNT, RDS, Backups, Instance, RDSError, Snapshot, now
from .server import ConnectionDropped, Endpoint

EAST, WEST = "us-east-1", "us-west-2"
GROUPS = {EAST: "sg-0e5e5e5e5e5e5e5e5", WEST: "sg-0d4d4d4d4d4d4d4d4"}
TAGS = {"Project": "MosaicPlatform", "Env": "prod", "Owner": "platform", "Component": "core-db",
        "CostCenter": "platform"}


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        """The lab has a log of its own."""

    def run_wsgi(self):
        try:
            super().run_wsgi()
        except ConnectionDropped:
            self.close_connection = True


class Lab:
    def __init__(self, folder: Path, cache: Path):
        self.folder, self.faults = folder, Faults()
        self.tls = folder / "tls"
        self.key, self.secret, self.password = "AKIALAB" + secrets.token_hex(6).upper(), \
            secrets.token_hex(20), seed.password()
        seed.certificates(self.tls)
        self.rds = RDS(folder / "rds", self.tls, self.faults, self.check_groups)
        self.rds.folder.mkdir()
        for path in (folder, self.rds.folder):
            path.chmod(0o755)
        self.beating = threading.Event()
        self.platform()
        self.primary = self.database(cache)

    def platform(self) -> None:
        """Subnet and parameter groups, as moto keeps them."""
        for region in (EAST, WEST):
            ec2 = get_backend("ec2")[ACCOUNT][region]
            vpc = ec2.describe_vpcs()[0]
            subnets = [s for s in ec2.describe_subnets() if s.vpc_id == vpc.id][:2]
            rds = get_backend("rds")[ACCOUNT][region]
            for name in ["dr-private"] + (["prod-private"] if region == EAST else []):
                rds.create_subnet_group(name, "private", subnets, [])
            rds.create_db_parameter_group({
                "db_parameter_group_name": "mosaic-pg15", "description": "Mosaic",
                "db_parameter_group_family": "postgres15"})

    def check_groups(self, region: str, subnets: str | None, parameters: str | None) -> None:
        rds = get_backend("rds")[ACCOUNT][region]
        if subnets and subnets not in rds.subnet_groups:
            raise RDSError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' not found.", 404)
        if parameters and parameters not in rds.db_parameter_groups:
            raise RDSError("DBParameterGroupNotFound", f"DBParameterGroup not found: {parameters}", 404)

    def database(self, cache: Path) -> Instance:
        archive, base = self.folder / "archive", self.folder / "bases" / "base"
        archive.mkdir()
        postgres.own(archive)
        cluster = seed.base_cluster(cache, self.folder / "primary" / "data", self.tls)
        cluster.configure(archive, {})
        cluster.start()
        cluster.sql(f"alter role mosaic_dr password '{self.password}'")
        cluster.sql("insert into dr_heartbeat default values")
        cluster.backup(base)
        taken = now()
        values = {"StorageEncrypted": "true", "BackupRetentionPeriod": "7", "MultiAZ": "true",
                  "DeletionProtection": "true", "MonitoringInterval": "0", "DBInstanceClass":
                  "db.r6g.large", "PerformanceInsightsEnabled": "true", "subnet": "prod-private",
                  "parameters": "mosaic-pg15", "security": [GROUPS[EAST]]}
        primary = Instance(EAST, "mosaic-prod-core", values, TAGS, "available", cluster=cluster,
                           port=cluster.port)
        self.rds.instances[(EAST, primary.name)] = primary
        for region, name in ((EAST, "ab-home"), (WEST, "ab-replica")):
            arn = f"arn:aws:rds:{region}:{ACCOUNT}:auto-backup:{name}"
            self.rds.backups.append(Backups(region, primary, base, archive, taken, arn))
        day = taken.strftime("%Y-%m-%d-%H-%M")
        for region, name, kind, of, encrypted in (
                (EAST, f"rds:mosaic-prod-core-{day}", "automated", primary.name, True),
                (EAST, "mosaic-prod-core-manual", "manual", primary.name, True),
                (WEST, "mosaic-prod-core-copy", "manual", primary.name, True),
                (WEST, "mosaic-plain-copy", "manual", "mosaic-plain", False)):
            self.rds.snapshots.append(
                Snapshot(region, name, of, primary.resource, kind, base, taken, encrypted))
        threading.Thread(target=self.heartbeat, daemon=True).start()
        # Ready means restorable: the first segment is in the archive.
        cluster.sql("select pg_switch_wal()")
        while not self.rds.backups[0].latest() or self.rds.backups[0].latest() <= taken:
            self.beating.wait(0.2)
        return primary

    def heartbeat(self) -> None:
        while not self.beating.wait(1):
            try:
                self.primary_sql("insert into dr_heartbeat default values")
            except Exception:
                return

    def primary_sql(self, text: str) -> str:
        return self.rds.instances[(EAST, "mosaic-prod-core")].cluster.sql(text)

    def disaster(self) -> str:
        at = datetime.now(timezone.utc)
        self.beating.set()
        self.primary.cluster.kill()
        self.primary.status = "failed"
        text = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        (self.folder / "disaster").write_text(text)
        return text

    def control(self, method: str, name: str, body: bytes):
        if name == "faults":
            if method == "POST":
                self.faults.add(json.loads(body))
            elif method == "DELETE":
                self.faults.clear()
            return self.faults.all()
        if name == "disaster":
            return {"at": self.disaster()}
        if name == "lose-region":
            self.endpoint.lost.add(json.loads(body)["region"])
        if name == "servers":
            return [{"instance": i.name, "status": i.status} for i in self.rds.instances.values()]
        return {}

    def serve(self) -> None:
        log = self.folder / "log"
        log.touch()
        self.endpoint = Endpoint(self.rds, self.faults, log, self.key, self.secret, self.control)
        server = make_server("127.0.0.1", 0, self.endpoint, threaded=True, request_handler=Handler)
        url = f"http://127.0.0.1:{server.server_port}"
        variables = {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY":
            self.secret, "AWS_REGION": WEST, "PGSSLROOTCERT": str(self.tls / "ca.pem"),
            "MOSAIC_DR_DB_PASSWORD": self.password, "MOSAIC_LAB": str(self.folder)}
        part = self.folder / "env.part"
        part.write_text("".join(f"export {k}={v!r}\n" for k, v in variables.items()))
        part.rename(self.folder / "env")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()
        self.beating.set()
        self.rds.stop()


def main() -> None:
    folder, cache = Path(sys.argv[1]), Path(sys.argv[2])
    (folder / "pid").write_text(str(os.getpid()))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    Lab(folder, cache).serve()


if __name__ == "__main__":
    main()
