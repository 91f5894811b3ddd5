"""The API server as the lab's own controllers see it."""
import json
from pathlib import Path

import requests

GROUPS = {
    "velero.io": ("v1", ["restores", "backups", "backupstoragelocations", "downloadrequests", "schedules",
                         "serverstatusrequests", "podvolumerestores"]),
    "apps": ("v1", ["deployments", "statefulsets", "daemonsets"]),
    "batch": ("v1", ["jobs"]),
    "networking.k8s.io": ("v1", ["ingresses", "networkpolicies"]),
    "storage.k8s.io": ("v1", ["storageclasses"]),
    "rbac.authorization.k8s.io": ("v1", ["roles", "rolebindings", "clusterroles", "clusterrolebindings"]),
    "apiextensions.k8s.io": ("v1", ["customresourcedefinitions"]),
}
GROUP_OF = {plural: (group, version) for group, (version, names) in GROUPS.items() for plural in names}
GROUP_OF["datadownloads"] = ("velero.io", "v2alpha1")


def plural(kind: str) -> str:
    kind = kind.lower()
    if kind.endswith("ss"):
        return kind + "es"
    return kind[:-1] + "ies" if kind.endswith("y") else kind if kind == "endpoints" else kind + "s"


class ApiError(Exception):
    def __init__(self, answer: requests.Response):
        super().__init__(f"{answer.status_code}: {answer.text[:300]}")
        self.status = answer.status_code


class Api:
    def __init__(self, server: str, token: str, authority: Path):
        self.server, self.session = server, requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.verify, self.session.trust_env = str(authority), False

    def path(self, kind: str, namespace: str | None = None, name: str | None = None) -> str:
        group, version = GROUP_OF.get(kind, ("", "v1"))
        return self.place(f"{group}/{version}" if group else version, kind, namespace, name)

    @staticmethod
    def place(version: str, kind: str, namespace: str | None, name: str | None) -> str:
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        return root + (f"/namespaces/{namespace}" if namespace else "") + f"/{kind}" \
            + (f"/{name}" if name else "")

    def call(self, method: str, path: str, body=None, kind: str = "application/json", **query):
        answer = self.session.request(
            method, self.server + path, params=query, timeout=30,
            data=None if body is None else json.dumps(body), headers={"Content-Type": kind})
        if not answer.ok:
            raise ApiError(answer)
        return answer.json() if answer.text.startswith("{") else answer.text

    def list(self, kind: str, namespace: str | None = None) -> list[dict]:
        return self.call("GET", self.path(kind, namespace))["items"]

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict | None:
        try:
            return self.call("GET", self.path(kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def create(self, kind: str, body: dict, namespace: str | None = None) -> dict:
        return self.call("POST", self.path(kind, namespace), body)

    def merge(self, kind: str, name: str, patch: dict, namespace: str | None = None, sub: str = "") -> dict:
        return self.call("PATCH", self.path(kind, namespace, name) + sub, patch,
                         "application/merge-patch+json")

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        try:
            self.call("DELETE", self.path(kind, namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise

    def apply(self, body: dict, **query) -> dict:
        meta = body["metadata"]
        path = self.place(body["apiVersion"], plural(body["kind"]), meta.get("namespace"), meta["name"])
        return self.call("PATCH", path, body,
                         "application/apply-patch+yaml", fieldManager="lab", force="true", **query)
