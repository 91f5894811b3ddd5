"""Real PostgreSQL clusters: made, backed up, recovered, started and ended."""
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path

from . import copies

BIN = Path("/usr/lib/postgresql/15/bin")
TIMEOUT = 180


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root, so root lends it another account."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("there is no account that PostgreSQL could run as")


ACCOUNT = _account()


AS_ACCOUNT = {"user": ACCOUNT.pw_uid, "group": ACCOUNT.pw_gid, "extra_groups": []} if ACCOUNT else {}


def run(*words: str, **more) -> subprocess.CompletedProcess:
    """Runs a program of PostgreSQL under its account."""
    return subprocess.run([str(BIN / words[0]), *words[1:]], check=True, timeout=TIMEOUT, cwd="/",
                          capture_output=True, text=True, **AS_ACCOUNT, **more)


def own(path: Path) -> None:
    """Gives a folder and what is in it to PostgreSQL's account."""
    if ACCOUNT:
        subprocess.run(["chown", "-R", f"{ACCOUNT.pw_uid}:{ACCOUNT.pw_gid}", str(path)], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """One data folder and, while it is started, one server on a loopback port."""

    def __init__(self, folder: Path, tls: Path):
        self.folder, self.tls, self.port = folder, tls, 0
        self.lock, self.ended = threading.Lock(), False

    def init(self) -> None:
        run("initdb", "-D", str(self.folder), "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--auth=trust", "--no-sync", "--wal-segsize=1")

    def configure(self, archive: Path | None, recovery: dict[str, str]) -> None:
        settings = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "ssl": "on", "ssl_cert_file": self.tls / "server.pem",
            "ssl_key_file": self.tls / "server.key", "wal_level": "replica",
            "max_wal_senders": "10", "logging_collector": "off", "max_connections": "40",
            "archive_mode": "on" if archive else "off", "archive_timeout": "3",
            "archive_command": f"cp %p {archive}/.%f && mv {archive}/.%f {archive}/%f" if archive else "",
            **recovery,
        }
        lines = [f"{key} = '{value}'" for key, value in settings.items()]
        (self.folder / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")
        # The lab itself comes in by its own role; everybody else needs TLS and a password.
        (self.folder / "pg_hba.conf").write_text(
            "host all postgres 127.0.0.1/32 trust\nhost replication postgres 127.0.0.1/32 trust\n"
            f"{self.token_login()}hostssl all all 127.0.0.1/32 scram-sha-256\n")
        own(self.folder)

    def token_login(self) -> str:
        """Tokens of IAM: the lab's directory judges them; the folder tells it which server was asked."""
        port = self.tls / "tokens"
        return (f"hostssl all +rds_iam 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport={port.read_text()} "
                f'ldapprefix="uid=" ldapsuffix=",ou={self.folder.name}"\n') if port.exists() else ""

    def start(self) -> None:
        self.port = free_port()
        run("pg_ctl", "-D", str(self.folder), "-w", "-t", "120", "-l", str(self.folder / "log"),
            "-o", f"-p {self.port}", "start", stdin=subprocess.DEVNULL)

    def sql(self, text: str, database: str = "mosaic") -> str:
        done = subprocess.run(
            [str(BIN / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
             str(self.port), "-U", "postgres", "-d", database], input=text, text=True, check=True,
            capture_output=True, timeout=TIMEOUT)
        return done.stdout.strip()

    def restart(self, mode: str = "fast", pause: float = 0.0) -> None:
        """Stops the server, leaves it down for a while, and starts it on the same port."""
        with self.lock:
            if not self.ended:
                run("pg_ctl", "-D", str(self.folder), "-w", "-m", mode, "stop")
                time.sleep(pause)
                run("pg_ctl", "-D", str(self.folder), "-w", "-t", "120", "-l", str(self.folder / "log"),
                    "-o", f"-p {self.port}", "start", stdin=subprocess.DEVNULL)

    def backup(self, into: Path, told=None) -> None:
        """A base backup; it is slowed down when somebody is told how far it is."""
        into.parent.mkdir(parents=True, exist_ok=True)
        into.mkdir(mode=0o700)
        own(into)
        words = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-D", str(into), "-c", "fast",
                 "--no-sync"]
        if not told:
            run("pg_basebackup", *words)
            return
        total = copies.size(self.folder / "base")
        with subprocess.Popen([str(BIN / "pg_basebackup"), *words, f"--max-rate={copies.PACE >> 10}"],
                              cwd="/", stderr=subprocess.PIPE, text=True, **AS_ACCOUNT) as process:
            while process.poll() is None:
                told(copies.size(into / "base") / total)
                time.sleep(0.1)
            if process.returncode:
                raise RuntimeError(process.stderr.read())

    def kill(self) -> None:
        """Ends the server at once, as a lost machine would."""
        with self.lock:
            self.ended = True
            try:
                process = int((self.folder / "postmaster.pid").read_text().split()[0])
                os.kill(process, signal.SIGQUIT)
                for _ in range(200):
                    os.kill(process, 0)
                    time.sleep(0.05)
                os.kill(process, signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
                return

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def last_commit(backup: Path) -> datetime | None:
    """The last transaction that the WAL of a base backup ends with; None when it has none."""
    part = json.loads((backup / "backup_manifest").read_text())["WAL-Ranges"][-1]
    dump = run("pg_waldump", "-p", str(backup / "pg_wal"), "-t", str(part["Timeline"]), "-s",
               part["Start-LSN"], "-e", part["End-LSN"], "-r", "Transaction", env={"TZ": "UTC"})
    times = re.findall(r"COMMIT (\S+ \S+) UTC", dump.stdout)
    return datetime.fromisoformat(times[-1] + "+00:00") if times else None


def recover(base: Path, folder: Path, tls: Path, recovery: dict[str, str]) -> Cluster:
    """A new cluster with the data of a base backup, recovered as told."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(folder)], check=True, timeout=TIMEOUT)
    cluster = Cluster(folder, tls)
    (folder / "recovery.signal").touch()
    cluster.configure(None, recovery | {"recovery_target_action": "promote"})
    cluster.start()
    return cluster


def standby(source: Cluster, folder: Path, tls: Path) -> Cluster:
    """A new cluster that streams from another, which may itself be a standby."""
    source.backup(folder)
    cluster = Cluster(folder, tls)
    (folder / "standby.signal").touch()
    cluster.configure(None, {"primary_conninfo": f"host=127.0.0.1 port={source.port} user=postgres"})
    cluster.start()
    return cluster
