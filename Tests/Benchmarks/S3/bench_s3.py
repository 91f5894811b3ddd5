"""Compares two equal buckets with the product and its peers, in turns against the same servers."""
import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import canned_pages

HERE = Path(__file__).parent
PLAN = """
apiVersion: dr.mosaic.life/v1
kind: RecoveryPlan
metadata: {name: bench}
spec:
  objectives: {rto: 1h, rpo: 1h}
  regions: {primary: us-east-1, recovery: us-west-2}
  components:
    - name: media
      s3: {source: source, replica: replica}
"""
KEY, SECRET = "AKIABENCHMARK", "benchmarksecret"
# What a listing of S3 is asked for with; nobody here checks the signature.
QUERY = "encoding-type=url&list-type=2&max-keys=1000&continuation-token="
FIELDS = "\n".join((
    "User-Agent: mosaic-dr/benchmark ua/2.1 os/linux lang/swift",
    f"x-amz-content-sha256: {hashlib.sha256().hexdigest()}", "X-Amz-Date: 20261128T030000Z",
    f"Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20261128/us-east-1/s3/aws4_request, "
    f"SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={hashlib.sha256().hexdigest()}"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port: int, process: subprocess.Popen) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("a server did not start")


class Bench:
    def __init__(self, options):
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="bench-s3-", dir=options.folder))
        self.processes: list[subprocess.Popen] = []
        self.rows: list[tuple] = []
        self.result = ""

    # Servers

    def start(self, *words) -> subprocess.Popen:
        log = open(self.folder / "servers.log", "ab")
        process = subprocess.Popen([str(w) for w in words], stdout=log, stderr=log, cwd=self.folder)
        self.processes.append(process)
        return process

    def nginx(self, pages: int) -> tuple[str, str, Path]:
        """The addresses without and with TLS, and the certificate of the latter."""
        folder = self.folder / f"canned-{pages}"
        canned_pages.write(folder, pages)
        port, encrypted = free_port(), free_port()
        process = self.start("nginx", "-p", folder, "-c", canned_pages.configure(folder, port, encrypted))
        await_port(encrypted, process)
        return f"http://127.0.0.1:{port}", f"https://127.0.0.1:{encrypted}", folder / "certificate.pem"

    def seaweed(self, keys: int) -> str:
        """Two buckets with the same keys, put over HTTP."""
        folder, ports = self.folder / "seaweed", [free_port() for _ in range(4)]
        folder.mkdir()
        identities = {"identities": [{"name": "bench", "actions": ["Admin"],
                                      "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}]}
        (folder / "s3.json").write_text(json.dumps(identities))
        master, volume, filer, s3 = ports
        process = self.start(
            self.options.bin / "weed", "server", "-ip=127.0.0.1", f"-dir={folder}", f"-master.port={master}",
            f"-master.port.grpc={free_port()}", f"-volume.port={volume}",
            f"-volume.port.grpc={free_port()}", f"-filer.port={filer}",
            f"-filer.port.grpc={free_port()}", "-s3", f"-s3.port={s3}",
            f"-s3.port.grpc={free_port()}", f"-s3.config={folder}/s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.telemetry=false", "-master.volumeSizeLimitMB=1024",
            "-volume.max=20")
        await_port(s3, process)
        url = f"http://127.0.0.1:{s3}"
        source = self.folder / "fill"
        for page in range(keys // canned_pages.PAGE):
            (source / f"media/{page:04d}").mkdir(parents=True)
            for index in range(canned_pages.PAGE):
                (source / canned_pages.key(page * canned_pages.PAGE + index)).write_bytes(b"content %d" % index)
        for bucket in ("source", "replica"):
            self.run(self.options.bin / "rclone", "mkdir", f":s3:{bucket}", *self.rclone(url))
            self.run(self.options.bin / "rclone", "copy", source, f":s3:{bucket}", "--transfers=32",
                     "--checkers=32", "--no-check-dest", "--s3-no-head", *self.rclone(url))
        shutil.rmtree(source)
        return url

    # Clients

    @staticmethod
    def rclone(url: str) -> list[str]:
        return ["--s3-provider=Other", f"--s3-endpoint={url}", f"--s3-access-key-id={KEY}",
                f"--s3-secret-access-key={SECRET}", "--s3-region=us-east-1", "--config=/dev/null",
                "--s3-no-check-bucket", "--s3-list-version=2"]

    def run(self, *words, url: str = "", authorities: Path | None = None) -> dict:
        """Wall time, CPU and peak memory of one process."""
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1"}
        if authorities:
            environment["AWS_CA_BUNDLE"] = str(authorities)
        began = time.monotonic()
        process = subprocess.Popen([str(w) for w in words], env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        output = process.stdout.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{words[0]} failed ({process.returncode}): {output[-2000:]}")
        return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": usage.ru_maxrss / 1024,
                "output": output}

    def median(self, name: str, keys: int, rounds: int, *words, url: str, authorities: Path | None = None) -> dict:
        return self.middle(name, keys, [self.run(*words, url=url, authorities=authorities) for _ in range(rounds)])

    def middle(self, name: str, keys: int, results: list[dict]) -> dict:
        middle = {k: statistics.median(r[k] for r in results) for k in ("wall", "cpu", "rss")}
        self.rows.append((name, keys, middle))
        return middle | {"output": results[-1]["output"]}

    def ours(self, name: str, keys: int, rounds: int, url: str, authorities: Path | None = None) -> dict:
        return self.checked(keys, self.median(name, keys, rounds, self.options.program, "source", "replica", url=url,
                                              authorities=authorities))

    @staticmethod
    def checked(keys: int, result: dict) -> dict:
        said = json.loads(result["output"].strip().splitlines()[-1])
        if said["same"] != keys or said["findings"]:
            raise SystemExit(f"the comparison is wrong: {said}")
        return result

    def whole(self, name: str, keys: int, rounds: int, url: str, authorities: Path | None = None) -> dict:
        """A drill by the program itself: the bucket's settings, the comparison, journal and signed report."""
        plan, state = self.folder / "whole.yaml", self.folder / "state"
        plan.write_text(PLAN)
        result = self.median(name, keys, rounds, self.options.whole, "drill", "--plan", plan, "--state", state,
                             url=url, authorities=authorities)
        if f"{keys:,} objects, {keys:,} the same" not in result["output"]:
            raise SystemExit(f"the drill is wrong: {result['output']}")
        return result

    def beside_libcurl(self, kind: str, url: str, fetch: Path, authorities: Path | None = None) -> tuple[float, float]:
        """What the comparison takes of libcurl's time alone with the same requests, and with bare ones. All in turns, so
        that a machine whose speed changes is the same for each."""
        keys = 1_000_000
        last = [authorities] if authorities else []
        ways = {"ours": [self.options.program, "source", "replica"],
                "same": [fetch, f"{url}/source?{QUERY}p", 1000, 8, FIELDS, *last],
                "bare": [fetch, f"{url}/plain/p", 1000, 8, "", *last]}
        results = {way: [] for way in ways}
        for _ in range(self.options.rounds):
            for way, words in ways.items():
                results[way].append(self.run(*words, url=url, authorities=authorities))
        ours = self.checked(keys, self.middle(f"comparison, canned pages{kind}", keys, results["ours"]))
        same = self.middle(f"libcurl alone, same requests{kind}", keys, results["same"])
        bare = self.middle(f"libcurl alone, bare requests{kind}", keys, results["bare"])
        return ours["wall"] / same["wall"], ours["wall"] / bare["wall"]

    def peers(self, where: str, keys: int, url: str, has_folders: bool, authorities: Path | None = None) -> list[dict]:
        binary = self.options.bin
        rclone = [binary / "rclone", "check", "--size-only", ":s3:source", ":s3:replica", *self.rclone(url)]
        if authorities:
            rclone.append(f"--ca-cert={authorities}")
        ways = {"rclone --fast-list": [*rclone, "--fast-list"]}
        if has_folders:
            ways["rclone"] = rclone
        ways["s5cmd"] = [binary / "s5cmd", "--endpoint-url", url, "--dry-run", "sync", "--size-only", "s3://source/*",
                         "s3://replica/"]
        ways["aws"] = [binary / "aws", "s3", "sync", "--dryrun", "--size-only", "s3://source", "s3://replica"]
        return [self.median(f"{name}, {where}", keys, 1, *words, url=url, authorities=authorities)
                for name, words in ways.items()]

    def measure(self) -> None:
        if not self.options.only_seaweed:
            self.canned()
        if self.options.seaweed:
            url = self.seaweed(self.options.seaweed)
            self.ours("comparison, SeaweedFS", self.options.seaweed, self.options.rounds, url)
            self.peers("SeaweedFS", self.options.seaweed, url, True)
        self.table()
        if not self.options.only_seaweed:
            print(self.result)

    def canned(self) -> None:
        rounds = self.options.rounds
        fetch = self.folder / "fetch_pages"
        subprocess.run(["cc", "-O2", "-o", fetch, HERE / "fetch_pages.c", "-lcurl"], check=True)
        small, (middle, *middle_encrypted) = self.nginx(100)[0], self.nginx(200)
        large, *large_encrypted = self.nginx(1000)
        self.ours("comparison, canned pages", 100_000, rounds, small)
        self.ours("comparison, canned pages", 200_000, rounds, middle)
        plain_same, plain_bare = self.beside_libcurl("", large, fetch)
        self.whole("mosaic-dr drill, canned pages", 200_000, rounds, middle)
        self.whole("mosaic-dr drill, canned pages", 1_000_000, rounds, large)
        # As S3 itself is reached.
        same, bare = self.beside_libcurl(" with TLS", large_encrypted[0], fetch, large_encrypted[1])
        drill = self.whole("mosaic-dr drill, canned pages with TLS", 200_000, rounds, *middle_encrypted)
        best = min(p["wall"] for p in self.peers("canned pages with TLS", 200_000, middle_encrypted[0], False,
                                                 middle_encrypted[1]))
        rss = max(result["rss"] for name, _, result in self.rows if name.startswith(("comparison", "mosaic-dr")))
        self.result = (f"without TLS: curl={plain_same:.2f} bare={plain_bare:.2f}\n"
                       f"bare requests: curl={bare:.2f}\n"
                       f"s3: best-peer={best / drill['wall']:.1f} curl={same:.2f} rss-mib={rss:.0f}")

    def table(self) -> None:
        print(f"{'':42}{'keys':>10}{'wall':>10}{'keys/s':>12}{'CPU':>10}{'peak':>10}")
        for name, keys, result in self.rows:
            print(f"{name:42}{keys:>10,}{result['wall']:>8.2f} s{keys / result['wall']:>12,.0f}"
                  f"{result['cpu']:>8.2f} s{result['rss']:>6.0f} MiB")

    def close(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench s3")
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("whole", help=argparse.SUPPRESS)
    parser.add_argument("--bin", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default=None, help="where servers keep their files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seaweed", type=int, default=200_000, metavar="KEYS",
                        help="how many keys two buckets of SeaweedFS are filled with; 0 leaves them out")
    parser.add_argument("--only-seaweed", action="store_true", help="leave the canned pages out")
    bench = Bench(parser.parse_args())
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        bench.measure()
    finally:
        bench.close()


if __name__ == "__main__":
    main()
