"""Plays what runs on nodes: pods become ready, claims get volumes, volumes go with their claims."""
from datetime import datetime, timezone

from .api import Api, ApiError

STUCK = {"image": ("ImagePullBackOff", 'Back-off pulling image "nowhere.example/app:1"'),
         "crash": ("CrashLoopBackOff", "back-off 5m0s restarting failed container"),
         "config": ("CreateContainerConfigError", 'secret "missing" not found')}


def stamp() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Kubelet:
    def __init__(self, api: Api, faults):
        self.api, self.faults, self.addresses = api, faults, 0

    def step(self) -> None:
        for pod in self.api.list("pods"):
            if "deletionTimestamp" not in pod["metadata"]:
                self.pod(pod)
            else:
                self.end(pod)
        self.claims()

    def end(self, pod: dict) -> None:
        meta = pod["metadata"]
        try:
            self.api.call("DELETE", self.api.path("pods", meta["namespace"], meta["name"]),
                          {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0})
        except ApiError as error:
            if error.status != 404:
                raise

    def pod(self, pod: dict) -> None:
        meta, status = pod["metadata"], pod.get("status", {})
        image = pod["spec"]["containers"][0]["image"]
        stuck = ("image" if image.startswith("nowhere.example/") else
                 "crash" if meta["name"].startswith("crashing-") else
                 next((k for k in STUCK if self.faults.holds(f"{meta['namespace']}/{meta['name']}", k)), None))
        wanted = "Stuck" if stuck else "Running"
        if status.get("phase") in ("Succeeded", "Failed") or meta.get("annotations", {}).get("lab") == wanted:
            return
        is_job = any(o["kind"] == "Job" for o in meta.get("ownerReferences", []))
        self.addresses += 1
        ready = not stuck
        state = ({"waiting": {"reason": STUCK[stuck][0], "message": STUCK[stuck][1]}} if stuck else
                 {"terminated": {"exitCode": 0, "reason": "Completed"}} if is_job else
                 {"running": {"startedAt": stamp()}})
        containers = [{"name": c["name"], "image": c["image"], "imageID": "", "ready": ready and not is_job,
                       "restartCount": 7 if stuck == "crash" else 0, "state": state}
                      for c in pod["spec"]["containers"]]
        flag = "True" if ready and not is_job else "False"
        body = {"status": {
            "phase": "Pending" if stuck else "Succeeded" if is_job else "Running", "startTime": stamp(),
            "podIP": f"10.1.{self.addresses // 250}.{self.addresses % 250 + 1}",
            "containerStatuses": containers,
            "conditions": [{"type": t, "status": flag, "lastTransitionTime": stamp()}
                           for t in ("Initialized", "ContainersReady", "Ready")]}}
        try:
            if not pod["spec"].get("nodeName"):
                self.api.call("POST", self.api.path("pods", meta["namespace"], meta["name"]) + "/binding", {
                    "apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"]},
                    "target": {"kind": "Node", "name": "lab-node"}})
            self.api.merge("pods", meta["name"], body, meta["namespace"], "/status")
            self.api.merge("pods", meta["name"], {"metadata": {"annotations": {"lab": wanted}}},
                           meta["namespace"])
        except ApiError as error:
            if error.status not in (404, 409):
                raise

    def claims(self) -> None:
        classes = {c["metadata"]["name"]: c for c in self.api.list("storageclasses")}
        claims = self.api.list("persistentvolumeclaims")
        for claim in claims:
            meta, spec = claim["metadata"], claim["spec"]
            if (claim.get("status", {}).get("phase") == "Bound" or "deletionTimestamp" in meta
                    or spec.get("storageClassName") not in classes):
                continue
            name = f"pvc-{meta['uid']}"
            if self.api.get("persistentvolumes", name) is None:
                self.api.create("persistentvolumes", {
                    "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
                        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
                        "persistentVolumeReclaimPolicy": classes[spec["storageClassName"]].get(
                            "reclaimPolicy", "Delete"),
                        "storageClassName": spec["storageClassName"],
                        "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": f"vol-{meta['uid'][:8]}"},
                        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": meta["namespace"],
                                     "name": meta["name"], "uid": meta["uid"]}}})
            self.api.merge("persistentvolumeclaims", meta["name"], {"spec": {"volumeName": name}},
                           meta["namespace"])
            self.api.merge("persistentvolumeclaims", meta["name"], {"status": {
                "phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}},
                meta["namespace"], "/status")
        there = {c["metadata"]["uid"] for c in claims}
        for volume in self.api.list("persistentvolumes"):
            spec = volume["spec"]
            if spec.get("claimRef", {}).get("uid") in there:
                continue
            if spec["persistentVolumeReclaimPolicy"] == "Delete":
                self.api.delete("persistentvolumes", volume["metadata"]["name"])
            elif volume.get("status", {}).get("phase") != "Released":
                self.api.merge("persistentvolumes", volume["metadata"]["name"],
                               {"status": {"phase": "Released"}}, sub="/status")
