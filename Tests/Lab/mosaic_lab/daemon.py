"""The lab's one process in the background: seeds the platform, serves, and ends what it started."""
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from . import clusters, copies, dns, eks, platform, replicas, seed
from .faults import Faults
from .kubernetes.lab import Kubernetes
from .model import ACCOUNT, Backups, Instance, Snapshot, now
from .rds import RDS
from .restores import DEFAULTS
from .server import Endpoint
from .tokens import Tokens

EAST, WEST = "us-east-1", "us-west-2"
GROUPS = {EAST: "sg-0e5e5e5e5e5e5e5e5", WEST: "sg-0d4d4d4d4d4d4d4d4"}
TAGS = {"Project": "MosaicPlatform", "Env": "prod", "Owner": "platform", "Component": "core-db",
        "CostCenter": "platform"}


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        """The lab has a log of its own."""

    def connection_dropped(self, error, environ=None):
        self.close_connection = True


class Lab:
    def __init__(self, folder: Path, cache: Path, binaries: Path | None):
        self.folder, self.faults = folder, Faults()
        self.tls = folder / "tls"
        self.key, self.secret, self.password = "AKIALAB" + secrets.token_hex(6).upper(), \
            secrets.token_hex(20), seed.password()
        seed.certificates(self.tls)
        self.rds = RDS(folder / "rds", self.tls, self.faults)
        for path in (folder, self.rds.folder):
            path.chmod(0o755)
        # It gets ready while the database does.
        self.kubernetes = Kubernetes(
            folder / "kubernetes", binaries, self.tls, self.faults, folder / "log") if binaries else None
        self.beating = threading.Event()
        platform.make(EAST, ["dr-private", "prod-private"], ["mosaic-pg15"], [GROUPS[EAST], "sg-0a0a0a0a0a0a0a0a0"])
        platform.make(WEST, ["dr-private"], ["mosaic-pg15"], [GROUPS[WEST]])
        self.keys = {region: platform.key(region, platform.KEY) for region in (EAST, WEST)}
        self.tokens = Tokens(self.rds, self.tls)
        self.primary = self.database(cache)
        dns.seed("mosaic.internal.", "core-db.mosaic.internal", "192.0.2.10", 300)
        platform.secret(WEST, "prod/core-db", {"host": "192.0.2.10", "port": 5432, "username": "mosaic_app"})
        self.names = dns.NameServer()
        if self.kubernetes:
            self.kubernetes.serve()

    def database(self, cache: Path) -> Instance:
        cluster = seed.base_cluster(cache, self.folder / "primary" / "data", self.tls)
        values = DEFAULTS | {
            "MultiAZ": "true", "DeletionProtection": "true", "PerformanceInsightsEnabled": "true",
            "IAMDatabaseAuthenticationEnabled": "true", "exports": ["postgresql"], "MonitoringInterval": "60",
            "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/mosaic-monitoring", "CopyTagsToSnapshot": "true",
            "subnet": "prod-private", "parameters": "mosaic-pg15", "security": [GROUPS[EAST]]}
        primary = Instance(EAST, "mosaic-prod-core", values, TAGS | {"Team": "memories"}, "available", self.keys[EAST],
                           cluster=cluster)
        home = Backups(EAST, primary, self.rds.place("backups"), now(), self.keys[EAST], "active")
        cluster.configure(home.archive, {})
        cluster.start()
        cluster.sql(f"alter role mosaic_dr password '{self.password}'")
        cluster.sql("insert into dr_heartbeat default values")
        cluster.backup(home.base)
        primary.port, home.since = cluster.port, now()
        self.rds.instances[(EAST, primary.name)] = primary
        self.rds.backups.append(home)
        self.snapshots(primary, home)
        replicas.seed(self.rds, primary, WEST, "mosaic-prod-core-replica")
        clusters.seed(self.rds, primary, home, [EAST, WEST], "mosaic-prod-aurora", copies.linked)
        threading.Thread(target=self.heartbeat, args=[primary], daemon=True).start()
        cluster.sql("select pg_switch_wal()")
        self.rds.handle(WEST, {
            "Action": "StartDBInstanceAutomatedBackupsReplication", "SourceDBInstanceArn": primary.arn,
            "KmsKeyId": platform.KEY})
        # Ready means restorable, in both regions: to a whole second before the latest time.
        while not all((b.latest() or home.since) > home.since + timedelta(seconds=1) for b in self.rds.backups):
            self.beating.wait(0.2)
        return primary

    def snapshots(self, primary: Instance, home: Backups) -> None:
        taken = home.since
        day = f"rds:{primary.name}-{taken:%Y-%m-%d-%H-%M}"
        for region, name, kind, of, kms in (
                (EAST, day, "automated", primary.name, self.keys[EAST]),
                (EAST, "mosaic-prod-core-manual", "manual", primary.name, self.keys[EAST]),
                (WEST, "mosaic-prod-core-copy", "manual", primary.name, self.keys[WEST]),
                (WEST, "awsbackup:copyjob-1c0ffee0", "awsbackup", primary.name, self.keys[WEST]),
                # As no copy should be: with a key that stays in the region that is lost.
                (WEST, "mosaic-strange-key", "manual", "mosaic-strange", self.keys[EAST]),
                (WEST, "mosaic-plain-copy", "manual", "mosaic-plain", None)):
            made = Snapshot(region, name, of, primary.resource, self.rds.place("snapshots"), kms, kind,
                            taken, TAGS | {"Purpose": "dr"} if name.endswith("-copy") else {}, "available", 100,
                            original=taken + timedelta(seconds=1))
            copies.linked(home.base, made.base)
            self.rds.snapshots.append(made)

    def heartbeat(self, primary: Instance) -> None:
        while not self.beating.wait(1):
            try:
                primary.cluster.sql("insert into dr_heartbeat default values")
            except subprocess.CalledProcessError:
                continue  # it is being rebooted

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
                self.faults.clear(json.loads(body or b"{}"))
            return self.faults.all()
        if name == "users":
            return self.endpoint.access.add(json.loads(body))
        if name == "eks/addons":
            self.endpoint.addons.put(**json.loads(body))
        if name == "disaster":
            return {"at": self.disaster()}
        if name == "lose-region":
            self.rds.lost.add(json.loads(body)["region"])
        if name.startswith("kubernetes/") and self.kubernetes:
            return self.kubernetes.control(name.removeprefix("kubernetes/"), json.loads(body or b"{}"))
        if name == "servers":
            return [{"instance": i.name, "region": i.region, "status": i.status}
                    for i in self.rds.instances.values()]
        return {}

    def serve(self) -> None:
        log = self.folder / "log"
        log.touch()
        self.endpoint = Endpoint(self.rds, self.faults, log, self.key, self.secret, self.control)
        self.tokens.access = self.endpoint.access
        server = make_server("127.0.0.1", 0, self.endpoint, threaded=True, request_handler=Handler)
        url = f"http://127.0.0.1:{server.server_port}"
        variables = {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY":
            self.secret, "AWS_REGION": WEST, "PGSSLROOTCERT": str(self.tls / "ca.pem"),
            "MOSAIC_DR_DB_PASSWORD": self.password, "MOSAIC_LAB": str(self.folder),
            "MOSAIC_LAB_RESOLVER": self.names.address}
        if self.kubernetes:
            variables |= {"KUBECONFIG": str(self.kubernetes.kubeconfig),
                          "MOSAIC_LAB_KUBERNETES": self.kubernetes.gate.url}
            self.kubernetes.authenticator.users = self.endpoint.access.users
            self.kubernetes.authenticator.endpoint = url
            eks.make_cluster(WEST, self.kubernetes.gate.url, (self.tls / "ca.pem").read_bytes())
        part = self.folder / "env.part"
        part.write_text("".join(f"export {k}={v!r}\n" for k, v in variables.items()))
        part.rename(self.folder / "env")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()
        self.beating.set()
        self.rds.stop()
        self.stop_kubernetes()

    def stop_kubernetes(self) -> None:
        if self.kubernetes:
            self.kubernetes.stop()


def main() -> None:
    folder, cache = Path(sys.argv[1]), Path(sys.argv[2])
    binaries = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    (folder / "pid").write_text(str(os.getpid()))
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    Lab(folder, cache, binaries).serve()


if __name__ == "__main__":
    main()
