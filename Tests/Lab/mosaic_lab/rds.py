"""Amazon RDS as far as the lab makes it real: instances are PostgreSQL servers.

Behaviour follows the RDS API Reference; what an emulator leaves out is supplied here.
"""
from .backups import AutomatedBackups
from .clusters import Clusters
from .instances import Instances
from .model import Form
from .offers import Offers
from .replicas import Replicas
from .snapshots import Snapshots


class RDS(Instances, Replicas, Clusters, Snapshots, AutomatedBackups, Offers):
    """All instances, clusters, snapshots and automated backups, of every region."""

    def serves(self, form: dict) -> bool:
        return hasattr(self, "do_" + form.get("Action", ""))

    def handle(self, region: str, form: dict) -> str:
        with self.lock:
            return getattr(self, "do_" + form["Action"])(region, Form(form))
