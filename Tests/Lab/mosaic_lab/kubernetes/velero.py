"""Plays Velero's server through the API: its phases, its checks, its files in the bucket."""
import copy
import json
import re
from datetime import datetime, timedelta, timezone

import jsonpatch
import yaml

from .api import Api, ApiError, plural
from .content import APPS
from .files import Files, Volume, backup_volume, by_kind, claims, full_name
from .kubelet import stamp

NAMESPACE, VERSION = "velero", "v1.18.2"
FINALIZER = "restores.velero.io/external-resources-finalizer"
RESTARTED = 'found a restore with status "InProgress" during the server starting, mark it as "Failed"'
# Kinds that no restore may name (restore_controller.go).
NOT_RESTORABLE = {"nodes", "events", "events.events.k8s.io", "backups.velero.io", "restores.velero.io",
                  "csinodes.storage.k8s.io", "volumeattachments.storage.k8s.io"}
CLUSTER_WIDE = {"ClusterRole"}


def group_resource(item: dict) -> str:
    group = item["apiVersion"].rpartition("/")[0]
    return plural(item["kind"]) + (f".{group}" if group else "")


class Work:
    """One restore under way."""

    def __init__(self, restore: dict, items: list[dict], rules: list[dict]):
        self.name, self.uid = restore["metadata"]["name"], restore["metadata"]["uid"]
        self.spec, self.items, self.rules = restore["spec"], items, rules
        self.total, self.done, self.made, self.volumes = len(items), 0, [], []
        self.results = {k: {"velero": [], "cluster": [], "namespaces": {}} for k in ("warnings", "errors")}
        self.phases: list[str] = []


class Velero:
    def __init__(self, api: Api, gate, faults, authority: bytes):
        self.api, self.files, self.faults, self.authority = api, Files(gate), faults, authority
        self.works: dict[str, Work] = {}

    def seed(self) -> None:
        self.api.create("namespaces", {"metadata": {"name": NAMESPACE}})
        for name in ("gp2", "gp3"):
            self.api.create("storageclasses", {
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
                "provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Delete"})
        self.api.create("storageclasses", {
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "keeping"},
            "provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Retain"})
        for name in ("default", "broken"):
            self.location_object(name)
        for minutes, phase, expires in ((2, "Completed", 720), (26 * 60, "Completed", 720),
                                        (1, "PartiallyFailed", 720), (1, "InProgress", 720),
                                        (3, "Completed", -1)):
            self.backup(minutes, phase, expires)
        self.backup(30, schedule="graph-hourly")
        self.backup(1, schedule="broken-apps", location="broken")

    def location_object(self, name: str) -> None:
        self.api.create("backupstoragelocations", {
            "apiVersion": "velero.io/v1", "kind": "BackupStorageLocation", "metadata": {"name": name},
            "spec": {"provider": "aws", "accessMode": "ReadOnly", "objectStorage": {
                "bucket": "mosaic-velero-dr", "caCert": self.authority.decode()},
                "config": {"region": "us-west-2"}}}, NAMESPACE)

    def backup(self, minutes: float, phase: str = "Completed", expires: float = 720,
               name: str | None = None, schedule: str = "daily-apps", location: str = "default",
               hollow: bool = False) -> str:
        began = datetime.now(timezone.utc) - timedelta(minutes=minutes)
        text = "%Y-%m-%dT%H:%M:%SZ"
        suffix = "" if phase == "Completed" and expires > 0 else f"-{phase.lower()}{'-old' * (expires < 0)}"
        name = name or f"{schedule}-{began:%Y%m%d%H%M%S}{suffix}"
        # As the sync controller makes it in the recovery cluster.
        self.api.create("backups", {
            "apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": {"name": name, "labels": {"velero.io/schedule-name": schedule,
                                                  "velero.io/storage-location": location},
                         "annotations": {"velero.io/source-cluster-k8s-gitversion": "v1.20.2"}},
            "spec": {"storageLocation": location, "ttl": "720h0m0s"},
            "status": {"phase": phase, "startTimestamp": began.strftime(text), "formatVersion": "1.1.0",
                       "completionTimestamp": (began + timedelta(seconds=40)).strftime(text),
                       "expiration": (datetime.now(timezone.utc) + timedelta(hours=expires)).strftime(text),
                       "progress": {"totalItems": len(APPS), "itemsBackedUp": len(APPS)}}}, NAMESPACE)
        self.files.put("BackupResourceList", name, by_kind((item, full_name(item)) for item in APPS))
        self.files.put("BackupVolumeInfos", name, [
            backup_volume(claim, began.strftime(text), hollow) for claim in claims(APPS)])
        return name

    def step(self) -> None:
        for request in self.api.list("serverstatusrequests", NAMESPACE):
            if not request.get("status"):
                self.api.merge("serverstatusrequests", request["metadata"]["name"], {"status": {
                    "phase": "Processed", "serverVersion": VERSION, "processedTimestamp": stamp(),
                    "plugins": []}}, NAMESPACE)
        self.location()
        for restore in self.api.list("restores", NAMESPACE):
            try:
                self.reconcile(restore)
            except ApiError as error:
                if error.status not in (404, 409):
                    raise
        self.downloads()

    def location(self) -> None:
        # Validated about once a second, so that the lab need not wait for a minute.
        for name in ("default", "broken"):
            broken = name == "broken" or self.faults.holds(name, "storage")
            status = {"phase": "Unavailable" if broken else "Available", "lastValidationTime": stamp(),
                      "lastSyncedTime": stamp(), "message": "AccessDenied: not this bucket" if broken else None}
            known = self.api.get("backupstoragelocations", name, NAMESPACE)
            if known and known.get("status") != {k: v for k, v in status.items() if v}:
                self.api.merge("backupstoragelocations", name, {"status": status}, NAMESPACE)

    def downloads(self) -> None:
        for request in self.api.list("downloadrequests", NAMESPACE):
            target = request["spec"]["target"]
            url = self.files.url(target["kind"], target["name"])
            if request.get("status", {}).get("downloadURL") or not url:
                continue
            self.api.merge("downloadrequests", request["metadata"]["name"], {"status": {
                "phase": "Processed", "downloadURL": url, "expiration": stamp()}}, NAMESPACE)

    def reconcile(self, restore: dict) -> None:
        meta, name = restore["metadata"], restore["metadata"]["name"]
        phase = restore.get("status", {}).get("phase") or "New"
        if "deletionTimestamp" in meta:
            self.works.pop(name, None)
            if FINALIZER in meta.get("finalizers", []):
                self.api.merge("restores", name, {"metadata": {"finalizers": None}}, NAMESPACE)
            return
        work = self.works.get(name)
        if work is None and phase == "New" and not self.faults.holds(name, "velero-down"):
            self.begin(restore)
        elif work and phase == "InProgress":
            self.go_on(work)
        elif work and work.phases and phase not in ("Completed", "PartiallyFailed", "Failed"):
            self.enter(work, work.phases.pop(0))

    def patch(self, name: str, **status) -> None:
        self.api.merge("restores", name, {"status": status}, NAMESPACE)

    def begin(self, restore: dict) -> None:
        name, spec = restore["metadata"]["name"], restore["spec"]
        rules, mistakes = self.validate(spec)
        if mistakes:
            return self.patch(name, phase="FailedValidation", validationErrors=mistakes)
        self.api.merge("restores", name, {"metadata": {"finalizers": [FINALIZER]}}, NAMESPACE)
        work = Work(restore, [copy.deepcopy(i) for i in APPS if self.includes(spec, i)], rules)
        if self.faults.take("velero-restart", name):
            work.phases = ["restart"]
        self.works[name] = work
        self.patch(name, phase="InProgress", startTimestamp=stamp(),
                   progress={"totalItems": work.total, "itemsRestored": 0})

    def validate(self, spec: dict) -> tuple[list[dict], list[str]]:
        mistakes, rules = [], []
        for kind in spec.get("includedResources") or []:
            if kind in NOT_RESTORABLE:
                mistakes.append(f"{kind} are non-restorable resources")
        both = set(spec.get("includedNamespaces") or []) & set(spec.get("excludedNamespaces") or [])
        mistakes += [f"Invalid included/excluded namespace lists: excludes list cannot contain an item in "
                     f"the includes list: {n}" for n in sorted(both)]
        if spec.get("existingResourcePolicy") not in (None, "", "none", "update"):
            mistakes.append("Invalid existing resource policy")
        backup = self.api.get("backups", spec.get("backupName") or "-", NAMESPACE)
        if backup is None:
            mistakes.append(f"Error retrieving backup: backups.velero.io {spec.get('backupName')!r} not found")
        elif self.faults.holds("default", "storage"):
            mistakes.append("The BSL default is unavailable, cannot retrieve the backup")
        if modifier := spec.get("resourceModifier"):
            found = self.api.get("configmaps", modifier["name"], NAMESPACE)
            if found is None or len(found.get("data", {})) != 1:
                mistakes.append(f"failed to get resource modifiers configmap {NAMESPACE}/{modifier['name']}")
            else:
                parsed = yaml.safe_load(next(iter(found["data"].values())))
                rules = parsed.get("resourceModifierRules") or []
                if parsed.get("version") != "v1" or not rules:
                    mistakes.append("Validation error in resource modifiers provided in configmap")
        return rules, mistakes

    @staticmethod
    def includes(spec: dict, item: dict) -> bool:
        namespace, kind = item["metadata"].get("namespace"), group_resource(item)
        if kind in (spec.get("excludedResources") or []):
            return False
        wanted = spec.get("includedResources") or ["*"]
        if "*" not in wanted and kind not in wanted:
            return False
        if namespace is None:
            return spec.get("includeClusterResources") is True
        named = spec.get("includedNamespaces") or ["*"]
        return ("*" in named or namespace in named) and namespace not in (spec.get("excludedNamespaces") or [])

    def go_on(self, work: Work) -> None:
        if work.phases == ["restart"] and work.done * 2 >= work.total:
            self.works.pop(work.name)
            return self.patch(work.name, phase="Failed", failureReason=RESTARTED, completionTimestamp=stamp())
        if self.faults.holds(work.name, "velero-hold"):
            return
        if work.done < work.total:
            self.make(work, work.items[work.done])
            work.done += 1
            return self.patch(work.name, progress={"totalItems": work.total, "itemsRestored": work.done})
        for namespace in (work.spec.get("namespaceMapping") or {}).values():
            work.results["warnings"]["namespaces"][namespace] = [
                "could not restore, ConfigMap:kube-root-ca.crt already exists. Warning: the in-cluster "
                "version is different than the backed-up version"]
        failed = any(work.results["errors"]["namespaces"].values()) or any(v.failure for v in work.volumes)
        suffix = "PartiallyFailed" if failed else ""
        work.phases = [f"Finalizing{suffix}", suffix or "Completed"]
        if fault := self.faults.take("velero-phase", work.name):
            work.phases.insert(0, fault["phase"])
        for volume in work.volumes:
            self.api.create("datadownloads", volume.data_download(work.name, work.uid), NAMESPACE)
        self.enter(work, f"WaitingForPluginOperations{suffix}")

    def make(self, work: Work, item: dict) -> None:
        source = item["metadata"].get("namespace")
        target = (work.spec.get("namespaceMapping") or {}).get(source, source)
        for rule in work.rules:
            self.modify(rule, item, source)
        kind, name = plural(item["kind"]), item["metadata"]["name"]
        listed, what = full_name(item, target), f"{work.name} {name}"
        if self.faults.take("velero-lose", what):
            return
        if self.faults.take("velero-error", what):
            work.results["errors"]["namespaces"].setdefault(target, []).append(
                f"error restoring {group_resource(item)}/{target}/{name}: admission webhook denied the request")
            work.made.append((item, f"{listed}(failed)"))
            return
        claim = copy.deepcopy(item)
        item["metadata"] |= {"labels": (item["metadata"].get("labels") or {}) | {
            "velero.io/restore-name": work.name, "velero.io/backup-name": work.spec["backupName"]}}
        if target:
            item["metadata"]["namespace"] = target
            if self.api.get("namespaces", target) is None:
                self.api.create("namespaces", {"metadata": {"name": target}})
        try:
            self.api.create(kind, item, target)
            work.made.append((item, f"{listed}(created)"))
            if kind == "persistentvolumeclaims" and not self.faults.take("velero-empty", what):
                failure = "data path restore failed: Failed to run kopia restore: connection reset"
                work.volumes.append(
                    Volume(claim, target, failure if self.faults.take("velero-volume", what) else None))
        except ApiError as error:
            if error.status != 409:
                raise
            work.results["warnings"]["namespaces"].setdefault(target, []).append(
                f"could not restore, {item['kind']}:{name} already exists")
            work.made.append((item, f"{listed}(skipped)"))

    @staticmethod
    def modify(rule: dict, item: dict, namespace: str | None) -> None:
        conditions = rule["conditions"]
        if conditions["groupResource"] != group_resource(item):
            return
        if namespace and conditions.get("namespaces") and namespace not in conditions["namespaces"]:
            return
        if not re.search(conditions.get("resourceNameRegex", ""), item["metadata"]["name"]):
            return
        try:
            for match in conditions.get("matches") or []:
                jsonpatch.apply_patch(item, [{"op": "test", "path": match["path"], "value": match["value"]}])
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException):
            return
        patches = []
        for patch in rule.get("patches") or []:
            value = patch.get("value", "")
            # A text that is JSON is taken as JSON, any other as text.
            try:
                value = json.loads(value)
            except ValueError:
                pass
            patches.append({"op": patch["operation"], "path": patch["path"], "value": value})
        jsonpatch.apply_patch(item, patches, in_place=True)

    def enter(self, work: Work, phase: str) -> None:
        if phase not in ("Completed", "PartiallyFailed"):
            failures = [v for v in work.volumes if v.failure]
            ended = "Finalizing" in phase
            return self.patch(work.name, phase=phase, restoreItemOperationsAttempted=len(work.volumes),
                              restoreItemOperationsCompleted=len(work.volumes) - len(failures) if ended else 0,
                              restoreItemOperationsFailed=len(failures) if ended else 0)
        counts = {kind: sum(len(v) for v in found["namespaces"].values())
                  for kind, found in work.results.items()}
        for kind, content in (
                ("RestoreResults", work.results), ("RestoreResourceList", by_kind(work.made)),
                ("RestoreVolumeInfo", [v.info() for v in work.volumes]),
                ("RestoreItemOperations", [v.item_operation(work.name, work.uid) for v in work.volumes])):
            self.files.put(kind, work.name, content)
        # The failure of a volume's data counts, and does not stand among the results.
        failures = sum(v.failure is not None for v in work.volumes)
        self.patch(work.name, phase=phase, completionTimestamp=stamp(), warnings=counts["warnings"],
                   errors=counts["errors"] + failures)
