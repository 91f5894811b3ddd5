"""The database that is lost: people, their memories, the media of these, and a heartbeat."""
import hashlib
import secrets
import shutil
import subprocess
from pathlib import Path

from . import postgres

SCHEMA = """
create role mosaic_app login;
create role mosaic_dr login createdb;
create role rds_iam;
create role mosaic_iam login createdb in role rds_iam;
create table people (id bigint primary key, name text not null, joined_at timestamptz not null);
create table memories (id bigint primary key, person_id bigint not null references people,
  told_at timestamptz not null, body text not null);
create table media (id bigint primary key, memory_id bigint not null references memories,
  kind text not null, bytes bigint not null);
create table dr_heartbeat (seq bigint generated always as identity primary key,
  written_at timestamptz not null default clock_timestamp());
insert into people select n, 'Person ' || n, timestamptz '2020-01-01Z' + n * interval '1 hour'
  from generate_series(1, 20000) n;
insert into memories select n, 1 + n % 20000, timestamptz '2021-01-01Z' + n * interval '7 minutes',
  repeat(md5(n::text), 6) from generate_series(1, 200000) n;
insert into media select n, 1 + n % 200000, (array['photo','sound','film'])[1 + n % 3], n * 37
  from generate_series(1, 100000) n;
create index on memories (person_id); create index on media (memory_id);
grant pg_read_all_data to mosaic_dr, mosaic_iam;
create extension amcheck;
grant execute on function bt_index_check(regclass), bt_index_check(regclass, boolean) to mosaic_dr;
"""


def base_cluster(cache: Path, folder: Path, tls: Path) -> postgres.Cluster:
    """A seeded cluster; the seeding is done once a machine and copied after that."""
    code = Path(__file__).read_text() + Path(postgres.__file__).read_text()
    kept = cache / ("seed-" + hashlib.sha256(code.encode()).hexdigest()[:16] + ".tar")
    cluster = postgres.Cluster(folder, tls)
    folder.parent.mkdir(parents=True, exist_ok=True)
    postgres.own(folder.parent)
    if kept.exists():
        folder.mkdir(mode=0o700)
        subprocess.run(["tar", "-xpf", str(kept), "-C", str(folder)], check=True)
        postgres.own(folder)
        return cluster
    cluster.init()
    cluster.configure(None, {})
    cluster.start()
    cluster.sql("create database mosaic", "postgres")
    cluster.sql(SCHEMA)
    cluster.sql("vacuum analyze")
    postgres.run("pg_ctl", "-D", str(folder), "-w", "-m", "fast", "stop")
    part = kept.with_suffix(".part")
    subprocess.run(["tar", "-cpf", str(part), "-C", str(folder), "."], check=True)
    shutil.move(part, kept)
    return cluster


def certificates(tls: Path) -> None:
    """An authority of the lab, and a server certificate for the loopback address."""
    tls.mkdir(parents=True)
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=tls)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
            "30", "-subj", "/CN=Lab authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (tls / "names").write_text("subjectAltName=DNS:localhost,DNS:app.mosaic.example,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "30",
            "-extfile", "names", "-out", "server.pem")
    postgres.own(tls)
    (tls / "server.key").chmod(0o600)


def password() -> str:
    return secrets.token_urlsafe(18)
