"""IAM as far as the lab enforces it: users that may do what their policy allows and nothing else.

Every call is held against actions, resources and conditions; what a call is authorized against follows
the Service Authorization Reference, and is written down here apart from the product.
"""
import fnmatch
import json
import secrets
from dataclasses import dataclass
from xml.sax.saxutils import escape

from moto.backends import get_backend

from .model import ACCOUNT, RDSError

ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# What needs no permission.
FREE = {"sts:GetCallerIdentity"}
KINDS = {"DBInstanceIdentifier": "db", "TargetDBInstanceIdentifier": "db", "DBSnapshotIdentifier": "snapshot",
         "SourceDBSnapshotIdentifier": "snapshot", "TargetDBSnapshotIdentifier": "snapshot",
         "DBSubnetGroupName": "subgrp", "DBParameterGroupName": "pg", "OptionGroupName": "og",
         "SourceDBInstanceAutomatedBackupsArn": "auto-backup", "DBClusterIdentifier": "cluster",
         "DBClusterSnapshotIdentifier": "cluster-snapshot", "SnapshotIdentifier": "cluster-snapshot",
         "SourceDBInstanceIdentifier": "db", "SourceDBClusterIdentifier": "cluster",
         "DBClusterParameterGroupName": "cluster-pg", "ResourceName": "db"}
MADE = ("TargetDBInstanceIdentifier", "TargetDBSnapshotIdentifier", "DBInstanceIdentifier", "DBClusterIdentifier")


@dataclass
class User:
    name: str
    key: str
    secret: str
    policy: dict

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/{self.name}"


@dataclass
class Call:
    """What somebody asks for; `path` is what the path of a REST call names."""
    service: str
    region: str
    action: str
    form: dict
    path: list[str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"

    @property
    def input(self) -> dict:
        return json.loads(self.body or b"{}")


@dataclass
class Need:
    """An action on a resource, with what conditions are tested against."""
    action: str
    resource: str
    context: dict


def many(value) -> list:
    return value if isinstance(value, list) else [value]


def holds(test: str, wanted, found: str | None) -> bool:
    match test:
        case "Null":
            return (found is None) == (str(wanted).lower() == "true")
        case "StringEquals":
            return found in many(wanted)
        case "StringLike":
            return found is not None and any(fnmatch.fnmatchcase(found, w) for w in many(wanted))
        case "Bool":
            return found is not None and found.lower() == str(wanted).lower()
    raise ValueError(test)


def applies(statement: dict, need: Need) -> bool:
    return (any(fnmatch.fnmatchcase(need.action.lower(), a.lower()) for a in many(statement["Action"]))
            and any(need.resource == r or fnmatch.fnmatchcase(need.resource, r) for r in many(statement["Resource"]))
            and all(holds(test, wanted, need.context.get(key))
                    for test, keys in statement.get("Condition", {}).items() for key, wanted in keys.items()))


def allows(policy: dict, need: Need) -> bool:
    effects = {s["Effect"] for s in policy["Statement"] if applies(s, need)}
    return "Allow" in effects and "Deny" not in effects


class Access:
    def __init__(self, rds, key: str, secret: str):
        self.rds = rds
        self.users = {key: User("lab", key, secret, ALL)}

    def add(self, policy: dict) -> dict:
        """A new user with just this policy."""
        name = "user-" + secrets.token_hex(3)
        user = User(name, "AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), policy)
        self.users[user.key] = user
        return {"name": name, "key": user.key, "secret": user.secret}

    def authorize(self, user: User, call: Call) -> None:
        for need in self.needs(call):
            if need.action not in FREE and not allows(user.policy, need):
                raise RDSError("AccessDenied", f"User: {user.arn} is not authorized to perform: {need.action} on "
                               f"resource: {need.resource} because no identity-based policy allows the {need.action} "
                               "action", 403)

    def needs(self, call: Call) -> list[Need]:
        requested = {f"aws:RequestTag/{k}": v for k, v in tags(call.form).items()}
        match call.service:
            case "rds":
                return self.needs_of_rds(call.region, call.action, call.form, requested)
            case "kms":
                key = call.input.get("KeyId", "*")
                identifier = get_backend("kms")[ACCOUNT][call.region].any_id_to_key_id(key) or key
                return [Need(call.name, f"arn:aws:kms:{call.region}:{ACCOUNT}:key/{identifier}", {})]
            case "secretsmanager":
                kept = get_backend("secretsmanager")[ACCOUNT][call.region].secrets
                name = call.input["SecretId"]
                return [Need(call.name, kept[name].arn if name in kept else name, {})]
            case "route53":
                kind = {"GetChange": "change"}.get(call.action, "hostedzone")
                return [Need(call.name, f"arn:aws:route53:::{kind}/{call.path[0]}" if call.path else "*", {})]
            case "backup":
                return self.needs_of_backup(call)
        return [Need(call.name, call.form.get("PolicySourceArn", "*"), requested)]

    def needs_of_backup(self, call: Call) -> list[Need]:
        match call.action:
            case "GetRecoveryPointRestoreMetadata":
                return [Need(call.name, call.path[1], {})]
            case "StartRestoreJob":
                role = Need("iam:PassRole", call.input["IamRoleArn"], {"iam:PassedToService": "backup.amazonaws.com"})
                return [Need(call.name, call.input["RecoveryPointArn"], {}), role]
        return [Need(call.name, "*", {})]

    def needs_of_rds(self, region: str, action: str, form: dict, requested: dict) -> list[Need]:
        def arn(kind: str, name: str) -> str:
            return name if name.startswith("arn:") else f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name.lower()}"
        if action in ("DescribeEvents", "DescribeOrderableDBInstanceOptions", "DescribeAccountAttributes",
                      "DescribeDBEngineVersions"):
            return [Need(f"rds:{action}", "*", {})]
        arns = [arn(kind, form[k]) for k, kind in KINDS.items() if k in form]
        if action == "DescribeDBInstances" and "DBInstanceIdentifier" not in form:
            arns.append(arn("db", "*"))
        if action == "DescribeDBSnapshots" and "DBSnapshotIdentifier" not in form:
            arns.append(arn("snapshot", "*"))
        if action == "DescribeDBClusterSnapshots" and "DBClusterSnapshotIdentifier" not in form:
            arns.append(arn("cluster-snapshot", "*"))
        if action.startswith(("RestoreDB", "CreateDBInstance", "CopyDB")) and "OptionGroupName" not in form:
            arns.append(arn("og", "default:postgres-15"))
        found = [Need(f"rds:{action}", a, requested | self.tags_of(a)) for a in arns or ["*"]]
        if requested and action != "AddTagsToResource":
            made = next(arn(KINDS[k], form[k]) for k in MADE if k in form)
            found.append(Need("rds:AddTagsToResource", made, requested))
        if role := form.get("MonitoringRoleArn"):
            found.append(Need("iam:PassRole", role, {"iam:PassedToService": "monitoring.rds.amazonaws.com"}))
        return found + self.needs_of_key(region, action, form)

    def needs_of_key(self, region: str, action: str, form: dict) -> list[Need]:
        """RDS makes a grant on the key of what is encrypted, in the caller's name."""
        if not action.startswith(("RestoreDB", "CopyDB", "CreateDBInstanceReadReplica")):
            return []
        key = get_backend("kms")[ACCOUNT][region].get_key_id_from_alias("alias/mosaic-dr")
        context = {"kms:ViaService": f"rds.{region}.amazonaws.com", "kms:GrantIsForAWSResource": "true"}
        return [Need(f"kms:{verb}", f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}", context)
                for verb in ("DescribeKey", "CreateGrant")]

    def tags_of(self, arn: str) -> dict:
        if arn == "*":
            return {}
        _, _, _, region, _, kind, name = arn.split(":", 6)
        things = {"db": self.rds.instances, "cluster": self.rds.clusters,
                  "snapshot": {(s.region, s.name): s for s in self.rds.snapshots}}
        thing = things.get(kind, {}).get((region, name))
        return {f"aws:ResourceTag/{k}": v for k, v in thing.tags.items()} if thing else {}

    def identity(self, user: User) -> str:
        return fields({"Arn": user.arn, "UserId": user.name, "Account": ACCOUNT})

    def simulate(self, form: dict) -> str:
        """SimulatePrincipalPolicy: every action on every resource."""
        user = next((u for u in self.users.values() if u.arn == form["PolicySourceArn"]), None)
        if not user:
            raise RDSError("NoSuchEntity", "The principal cannot be found.", 404)
        return decisions(user.policy, form)


def decisions(policy: dict, form: dict) -> str:
    """What a policy says of every action on every resource that SimulatePrincipalPolicy asks about."""
    context = {form[f"ContextEntries.member.{n}.ContextKeyName"]:
               form[f"ContextEntries.member.{n}.ContextKeyValues.member.1"]
               for n in range(1, 100) if f"ContextEntries.member.{n}.ContextKeyName" in form}
    rows = [fields({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision":
                    "allowed" if allows(policy, Need(action, resource, context)) else "implicitDeny"})
            for action in members(form, "ActionNames") for resource in members(form, "ResourceArns") or ["*"]]
    return "<EvaluationResults>" + "".join(f"<member>{r}</member>" for r in rows) + "</EvaluationResults>"


def members(form: dict, name: str) -> list[str]:
    return [form[f"{name}.member.{n}"] for n in range(1, 1000) if f"{name}.member.{n}" in form]


def tags(form: dict) -> dict:
    return {form[f"Tags.Tag.{n}.Key"]: form.get(f"Tags.Tag.{n}.Value", "")
            for n in range(1, 60) if f"Tags.Tag.{n}.Key" in form}


def fields(values: dict) -> str:
    return "".join(f"<{k}>{escape(v)}</{k}>" for k, v in values.items())
