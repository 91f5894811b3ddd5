"""Starts etcd, kube-apiserver and kube-controller-manager on the loopback address, and ends them."""
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

import requests
import yaml

from .api import Api

# Real ones; what a scheduler, a kubelet and a volume provisioner would do, the kubelet player does.
CONTROLLERS = ("namespace,garbagecollector,deployment,replicaset,statefulset,daemonset,job,endpoint,"
               "pvc-protection,pv-protection")
# "stranger" may do nothing; "drill" gets what a test grants it; "expired" is in no token file.
USERS = {"admin": ",admin,admin,\"system:masters\"", "operator": ",operator,operator,\"system:masters\"",
         "stranger": ",stranger,stranger,", "drill": ",drill,drill,"}


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Cluster:
    def __init__(self, folder: Path, binaries: Path, webhook: str):
        self.folder, self.binaries, self.processes = folder, binaries, []
        folder.mkdir()
        (folder / "webhook.yaml").write_text(webhook)
        self.tokens = {name: secrets.token_hex(16) for name in USERS}
        self.etcd, self.peer, self.port = free_ports(3)
        self.server = f"https://127.0.0.1:{self.port}"
        self.authority = folder / "certs" / "apiserver.crt"

    def start(self) -> None:
        (self.folder / "tokens").write_text("".join(f"{self.tokens[n]}{USERS[n]}\n" for n in USERS))
        self.openssl("genrsa", "-out", "sa.key", "2048")
        # An authority for the certificates of clients.
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-days", "2", "-subj", "/CN=clients", "-keyout", "clients.key", "-out", "clients.pem")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                     "/O=system:masters/CN=certified", "-keyout", "user.key", "-out", "user.csr")
        self.openssl("x509", "-req", "-in", "user.csr", "-CA", "clients.pem", "-CAkey", "clients.key",
                     "-CAcreateserial", "-days", "2", "-out", "user.pem")
        client, peer = f"http://127.0.0.1:{self.etcd}", f"http://127.0.0.1:{self.peer}"
        self.run("etcd", "--data-dir", self.folder / "etcd", "--listen-client-urls", client,
                 "--advertise-client-urls", client, "--listen-peer-urls", peer,
                 "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}",
                 "--unsafe-no-fsync")
        self.run("kube-apiserver", f"--etcd-servers={client}", "--bind-address=127.0.0.1",
                 f"--secure-port={self.port}", "--insecure-port=0", f"--cert-dir={self.folder / 'certs'}",
                 "--service-cluster-ip-range=10.0.0.0/24", f"--token-auth-file={self.folder / 'tokens'}",
                 f"--authentication-token-webhook-config-file={self.folder / 'webhook.yaml'}",
                 "--authentication-token-webhook-version=v1", "--authentication-token-webhook-cache-ttl=0s",
                 f"--client-ca-file={self.folder / 'clients.pem'}", "--authorization-mode=RBAC",
                 f"--service-account-key-file={self.folder / 'sa.key'}",
                 f"--service-account-signing-key-file={self.folder / 'sa.key'}",
                 "--service-account-issuer=https://kubernetes.default.svc",
                 "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
                 "--disable-admission-plugins=ServiceAccount")

    def await_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                api = Api(self.server, self.tokens["admin"], self.authority)
                if api.call("GET", "/readyz") == "ok":
                    break
            except (OSError, requests.RequestException, Exception) as error:  # noqa: BLE001
                last = error
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.1)
        else:
            raise TimeoutError(f"the API server does not get ready: {last}")
        self.api = Api(self.server, self.tokens["admin"], self.authority)
        self.kubeconfig(self.folder / "admin.yaml", self.server, "admin")
        self.run("kube-controller-manager", f"--kubeconfig={self.folder / 'admin.yaml'}",
                 f"--controllers={CONTROLLERS}", "--leader-elect=false", "--port=0", "--secure-port=0",
                 "--kube-api-qps=500", "--kube-api-burst=1000")

    def kubeconfig(self, file: Path, server: str, current: str, authority: Path | None = None) -> None:
        """Contexts named after their users; "certified" logs in with a certificate."""
        users = [{"name": n, "user": {"token": t}} for n, t in self.tokens.items()]
        users.append({"name": "expired", "user": {"token": secrets.token_hex(16)}})
        users.append({"name": "certified", "user": {"client-certificate": str(self.folder / "user.pem"),
                                                    "client-key": str(self.folder / "user.key")}})
        clusters = [
            {"name": "lab", "cluster": {
                "server": server, "certificate-authority": str(authority or self.authority)}},
            {"name": "direct", "cluster": {"server": self.server,
                                           "certificate-authority": str(self.authority)}}]
        contexts = [{"name": u["name"], "context": {
            "cluster": "direct" if u["name"] == "certified" else "lab", "user": u["name"]}} for u in users]
        contexts.append({"name": "eks-dr", "context": {"cluster": "lab", "user": "operator"}})
        file.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": current, "clusters": clusters,
            "users": users, "contexts": contexts}))
        file.chmod(0o600)

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder)

    def run(self, program: str, *words) -> None:
        with (self.folder / f"{program}.log").open("ab") as log:
            self.processes.append(subprocess.Popen(
                [str(self.binaries / program), *map(str, words)], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, cwd=self.folder, env=os.environ | {"GOMAXPROCS": "2"}))
        # For whoever ends a lab that was killed.
        with (self.folder / "pids").open("a") as pids:
            pids.write(f"{self.processes[-1].pid}\n")

    def compact(self) -> int:
        """Makes the API server forget all but the present, as it does by itself every five minutes."""
        root = f"http://127.0.0.1:{self.etcd}/v3/kv"
        now = requests.post(f"{root}/range", json={"key": "AA=="}, timeout=10).json()["header"]["revision"]
        # What is forgotten already is refused, and no matter.
        requests.post(f"{root}/compaction", json={"revision": now}, timeout=10)
        return int(now)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
        for process in self.processes:
            process.wait()
