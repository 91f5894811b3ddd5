"""The files that Velero keeps in its bucket, in Velero's own formats (v1.18: pkg/persistence/object_store_layout.go,
internal/volume/volumes_information.go, pkg/itemoperation, pkg/restore/request.go)."""
import json
import uuid

from .api import plural
from .kubelet import stamp

# What a DownloadRequest may ask for, and where that lies.
KEYS = {
    "BackupResourceList": "backups/{0}/{0}-resource-list.json.gz",
    "BackupVolumeInfos": "backups/{0}/{0}-volumeinfo.json.gz",
    "RestoreResults": "restores/{0}/restore-{0}-results.gz",
    "RestoreResourceList": "restores/{0}/restore-{0}-resource-list.json.gz",
    "RestoreItemOperations": "restores/{0}/restore-{0}-itemoperations.json.gz",
    "RestoreVolumeInfo": "restores/{0}/{0}-volumeinfo.json.gz",
}
SIZE = 64 << 20


class Files:
    def __init__(self, gate):
        self.gate = gate

    def put(self, kind: str, name: str, content) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        self.gate.put(KEYS[kind].format(name), text.encode())

    def url(self, kind: str, name: str) -> str | None:
        key = KEYS.get(kind)
        return key and f"{self.gate.url}/bucket/{key.format(name)}?X-Amz-Signature=lab"


def full_name(item: dict, namespace: str | None = None) -> str:
    meta = item["metadata"]
    return "/".join(filter(None, [namespace or meta.get("namespace"), meta["name"]]))


def by_kind(entries) -> dict[str, list[str]]:
    """From kinds to sorted names: pairs of an object and the text that stands for it."""
    listed: dict[str, list[str]] = {}
    for item, text in entries:
        listed.setdefault(f"{item['apiVersion']}/{item['kind']}", []).append(text)
    return {kind: sorted(names) for kind, names in listed.items()}


def claims(items: list[dict]) -> list[dict]:
    return [i for i in items if i["kind"] == "PersistentVolumeClaim"]


def moved(claim: dict, operation: str, phase: str) -> dict:
    # "Phase" has no tag in Velero's code and keeps its name in Go.
    return {"dataMover": "velero", "uploaderType": "kopia", "operationID": operation, "size": SIZE, "Phase": phase,
            "snapshotHandle": uuid.uuid5(uuid.NAMESPACE_URL, full_name(claim)).hex}


def backup_volume(claim: dict, began: str, hollow: bool) -> dict:
    meta = claim["metadata"]
    info = {"pvcName": meta["name"], "pvcNamespace": meta["namespace"], "pvName": f"pvc-{meta['name']}",
            "snapshotDataMoved": not hollow, "preserveLocalSnapshot": False, "skipped": hollow,
            "pvInfo": {"reclaimPolicy": "Delete", "labels": {}}}
    if hollow:
        return info | {"skippedReason": "not satisfied with criteria for VolumePolicy or the legacy snapshot approach"}
    return info | {"backupMethod": "CSISnapshot", "result": "succeeded", "startTimestamp": began,
                   "snapshotDataMovementInfo": moved(claim, "du-" + uuid.uuid4().hex, "Completed")}


class Volume:
    """The data of one claim on its way back."""

    def __init__(self, claim: dict, namespace: str, failure: str | None):
        self.claim, self.namespace, self.failure = claim, namespace, failure
        self.operation, self.began = "dd-" + uuid.uuid4().hex, stamp()

    @property
    def name(self) -> str:
        return self.claim["metadata"]["name"]

    def info(self) -> dict:
        return {"pvcName": self.name, "pvcNamespace": self.namespace, "restoreMethod": "CSISnapshot",
                "snapshotDataMoved": True, "snapshotDataMovementInfo": moved(self.claim, self.operation, "")}

    def item_operation(self, restore: str, uid: str) -> dict:
        phase = {"phase": "Failed", "error": self.failure} if self.failure else {"phase": "Completed"}
        return {"spec": {"restoreName": restore, "restoreUID": uid, "operationID": self.operation,
                         "restoreItemAction": "velero.io/csi-pvc-restorer",
                         "resourceIdentifier": {"Group": "", "Resource": plural(self.claim["kind"]),
                                                "Namespace": self.namespace, "Name": self.name}},
                "status": phase | {"operationUnits": "Byte", "nTotal": SIZE, "created": self.began,
                                   "nCompleted": 0 if self.failure else SIZE, "started": self.began,
                                   "updated": stamp()}}

    def data_download(self, restore: str, uid: str) -> dict:
        """As it is when half of the data has come."""
        return {"apiVersion": "velero.io/v2alpha1", "kind": "DataDownload",
                "metadata": {"name": self.operation, "labels": {"velero.io/restore-uid": uid},
                             "ownerReferences": [{"apiVersion": "velero.io/v1", "kind": "Restore", "name": restore,
                                                  "uid": uid}]},
                "spec": {"backupStorageLocation": "default", "operationTimeout": "4h0m0s", "snapshotID": "snapshot",
                         "sourceNamespace": self.claim["metadata"]["namespace"],
                         "targetVolume": {"namespace": self.namespace, "pv": f"pvc-{self.name}",
                                          "pvc": self.name}},
                "status": {"phase": "InProgress", "progress": {"totalBytes": SIZE, "bytesDone": SIZE // 2}}}
