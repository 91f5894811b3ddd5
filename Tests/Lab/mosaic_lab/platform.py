"""What moto keeps and RDS refers to: subnet and parameter groups, KMS keys."""
import json

from moto.backends import get_backend
from moto.secretsmanager.models import SecretsManagerBackend

from .model import ACCOUNT, RDSError

KEY, CLUSTER_GROUP = "alias/mosaic-dr", "mosaic-aurora-pg15"


def make(region: str, subnet_groups: list[str], parameter_groups: list[str], security_groups: list[str]) -> None:
    ec2 = get_backend("ec2")[ACCOUNT][region]
    vpc = ec2.describe_vpcs()[0]
    for name in security_groups:
        group = ec2.create_security_group(name, "Mosaic", vpc.id)
        # Under the identifier that plans know it by.
        ec2.groups[vpc.id][name] = ec2.groups[vpc.id].pop(group.id)
        group.id = group.group_id = name
    subnets = [s for s in ec2.describe_subnets() if s.vpc_id == vpc.id][:2]
    rds = get_backend("rds")[ACCOUNT][region]
    for name in subnet_groups:
        rds.create_subnet_group(name, "private", subnets, [])
    for name in parameter_groups:
        rds.create_db_parameter_group({"db_parameter_group_name": name, "description": "Mosaic",
                                       "db_parameter_group_family": "postgres15"})
    rds.create_db_cluster_parameter_group(CLUSTER_GROUP, "aurora-postgresql15", "Mosaic", [])
    kms = get_backend("kms")[ACCOUNT][region]
    made = kms.create_key(policy="", key_usage="ENCRYPT_DECRYPT", key_spec="SYMMETRIC_DEFAULT",
                          description="Mosaic", tags=[], multi_region=False)
    kms.create_alias(made.id, KEY)


def check_groups(region: str, subnets: str | None, parameters: str | None) -> None:
    rds = get_backend("rds")[ACCOUNT][region]
    if subnets and subnets not in rds.subnet_groups:
        raise RDSError("DBSubnetGroupNotFoundFault", f"DB subnet group '{subnets}' not found.", 404)
    if parameters and parameters not in rds.db_parameter_groups:
        raise RDSError("DBParameterGroupNotFound", f"DBParameterGroup not found: {parameters}", 404)


def check_cluster_group(region: str, name: str) -> None:
    if name not in get_backend("rds")[ACCOUNT][region].db_cluster_parameter_groups:
        raise RDSError("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}", 404)


def key(region: str, name: str, what: str = "target KMS key") -> str:
    """The ARN of an enabled key of the region."""
    kms = get_backend("kms")[ACCOUNT][region]
    own = not name.startswith("arn:") or f":{region}:" in name
    alias = name.startswith("alias/") and not kms.get_key_id_from_alias(name)
    found = kms.keys.get(kms.any_id_to_key_id(name)) if own and not alias else None
    if not found or not found.enabled:
        raise RDSError("KMSKeyNotAccessibleFault", f"The {what} [{name}] does not exist, is not "
                       "enabled or you do not have permissions to access it.")
    return found.arn


def source_key(name: str) -> None:
    key(name.split(":")[3], name, "source snapshot KMS key")


class Secrets(SecretsManagerBackend):
    def update_secret_version_stage(self, secret_id, version_stage, *versions, **named):
        """moto goes on answering with the former version; AWS answers with the one that is current."""
        answer = super().update_secret_version_stage(secret_id, version_stage, *versions, **named)
        kept = self.secrets[secret_id]
        for identifier, version in kept.versions.items():
            if "AWSCURRENT" in version["version_stages"]:
                kept.default_version_id = identifier
        return answer


def secret(region: str, name: str, fields: dict) -> None:
    get_backend("secretsmanager")[ACCOUNT][region].__class__ = Secrets
    get_backend("secretsmanager")[ACCOUNT][region].create_secret(
        name, json.dumps(fields), None, None, None, None, None, [], False)
