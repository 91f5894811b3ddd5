"""SimulatePrincipalPolicy for roles, which moto does not know: decided by the policies that they have in moto."""
import json

from moto.backends import get_backend

from ..access import decisions
from ..model import ACCOUNT


def simulate(form: dict) -> str | None:
    """None when there is no such role."""
    roles = get_backend("iam")[ACCOUNT]["aws"].roles.values()
    role = next((role for role in roles if role.arn == form["PolicySourceArn"]), None)
    if not role:
        return None
    policies = [policy if isinstance(policy, dict) else json.loads(policy) for policy in role.policies.values()]
    statements = [statement for policy in policies for statement in policy["Statement"]]
    result = decisions({"Statement": statements}, form)
    name = "SimulatePrincipalPolicy"
    return f"<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"
