"""What the lab's backups hold: an application with a graph database, and an observability stack."""


def labels(name: str) -> dict:
    return {"app": name}


def pod(name: str, **more) -> dict:
    return {"metadata": {"labels": labels(name)},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [
                {"name": name, "image": f"registry.mosaic.example/{name}:1.4.2"} | more]}}


def deployment(namespace: str, name: str, replicas: int, image: str | None = None) -> dict:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": name},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels(name)},
                     "template": pod(name, **({"image": image} if image else {}))}}


def stateful(namespace: str, name: str, storage: str = "gp2") -> list[dict]:
    claim = {"metadata": {"name": "data"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "storageClassName": storage,
        "resources": {"requests": {"storage": "1Gi"}}}}
    mount = {"volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    own = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": claim["spec"],
           "metadata": {"namespace": namespace, "name": f"data-{name}-0", "labels": labels(name)}}
    return [own, {"apiVersion": "apps/v1", "kind": "StatefulSet",
                  "metadata": {"namespace": namespace, "name": name},
                  "spec": {"serviceName": name, "replicas": 1, "selector": {"matchLabels": labels(name)},
                           "template": pod(name, **mount), "volumeClaimTemplates": [claim]}}]


def service(namespace: str, name: str, port: int) -> dict:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace, "name": name},
            "spec": {"selector": labels(name), "ports": [{"port": port}]}}


def config(namespace: str, name: str) -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name},
            "data": {"mode": "prod"}}


def ingress(namespace: str, name: str, host: str) -> dict:
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"rules": [{"host": host, "http": {"paths": [{
                "path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": name, "port": {"number": 80}}}}]}}]}}


def policy(namespace: str) -> dict:
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"namespace": namespace, "name": "allow-partners"},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}}


APPS = [
    *stateful("mosaic", "neo4j"), config("mosaic", "settings"), deployment("mosaic", "api", 2),
    deployment("mosaic", "worker", 1), service("mosaic", "api", 80), service("mosaic", "neo4j", 7687),
    ingress("mosaic", "api", "app.mosaic.example"), policy("mosaic"),
    *stateful("observability", "loki"), deployment("observability", "thanos-store", 1),
    service("observability", "thanos-store", 10901),
    *stateful("graph", "neo4j"), service("graph", "neo4j", 7687),
    config("plain", "settings"), deployment("plain", "echo", 1),
    # What can be restored and never gets ready.
    deployment("unpullable", "orphan", 1, "nowhere.example/orphan:1"), deployment("crashing", "crashing", 1),
    {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
     "metadata": {"name": "mosaic-reader"}, "rules": []},
]
