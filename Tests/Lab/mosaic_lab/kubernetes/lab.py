"""The Kubernetes side of the lab: the cluster, the gate before it, and the players."""
import base64
import threading
import time
import traceback
from pathlib import Path

import yaml

from ..eks import Authenticator, masquerade
from .cluster import Cluster
from .gate import Gate
from .kubelet import Kubelet
from .velero import NAMESPACE, Velero

# How often the players look. An item of a restore takes one look.
PACE = 0.15


def without_empty_defaults(schema):
    """This server takes an empty text as a default for none at all, and refuses it."""
    if isinstance(schema, dict):
        return {k: without_empty_defaults(v) for k, v in schema.items() if not (k == "default" and v == "")}
    return [without_empty_defaults(v) for v in schema] if isinstance(schema, list) else schema


class Kubernetes:
    def __init__(self, folder: Path, binaries: Path, tls: Path, faults, log: Path):
        self.authenticator, self.tls, self.faults, self.log = Authenticator(tls), tls, faults, log
        self.cluster = Cluster(folder, binaries, self.authenticator.configuration(tls / "ca.pem"))
        self.stopping = threading.Event()
        self.cluster.start()

    def serve(self) -> None:
        """Waits until the API server is ready, fills it, and starts the players."""
        self.cluster.await_ready()
        self.api = self.cluster.api
        self.gate = Gate(self.cluster, self.tls, self.faults, self.log)
        names = []
        for file in sorted((Path(__file__).parent / "crds").glob("*.yaml")):
            body = without_empty_defaults(yaml.safe_load(file.read_text()))
            body.pop("status", None)
            self.api.create("customresourcedefinitions", body)
            names.append(body["metadata"]["name"])
        for name in names:
            while not any(c["type"] == "Established" and c["status"] == "True" for c in
                          self.api.get("customresourcedefinitions", name).get("status", {})
                          .get("conditions", [])):
                time.sleep(0.05)
        authority = base64.b64encode((self.tls / "ca.pem").read_bytes())
        self.velero = Velero(self.api, self.gate, self.faults, authority)
        self.velero.seed()
        # Ready means that backups can be restored.
        self.velero.location()
        for player in (self.velero, Kubelet(self.cluster.api, self.faults)):
            threading.Thread(target=self.play, args=[player], daemon=True).start()
        self.kubeconfig = self.cluster.folder / "kubeconfig"
        self.cluster.kubeconfig(self.kubeconfig, self.gate.url, "eks-dr", self.tls / "ca.pem")

    def play(self, player) -> None:
        while not self.stopping.wait(PACE):
            try:
                player.step()
            except Exception:  # noqa: BLE001
                if not self.stopping.is_set():
                    with (self.cluster.folder / "players.log").open("a") as log:
                        traceback.print_exc(file=log)

    def control(self, name: str, body: dict):
        if name == "backup":
            return {"backup": self.velero.backup(**body)}
        if name == "apply":
            return [self.api.apply(document)["metadata"]["name"] for document in body["items"]]
        if name == "compact":
            return {"revision": self.cluster.compact()}
        if name == "masquerade":
            masquerade(body["cluster"])
        if name == "refusals":
            return self.authenticator.refusals
        if name == "dry-run":
            return [self.api.apply(document, dryRun="All") for document in body["items"]]
        if name == "restores":
            return [r["metadata"]["name"] for r in self.api.list("restores", NAMESPACE)]
        if name == "namespaces":
            return [n["metadata"]["name"] for n in self.api.list("namespaces")]
        if name == "volumes":
            return [v["metadata"]["name"] for v in self.api.list("persistentvolumes")]
        return {"gate": self.gate.url}

    def stop(self) -> None:
        self.stopping.set()
        if hasattr(self, "gate"):
            self.gate.stop()
        self.cluster.stop()
