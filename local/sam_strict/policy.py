"""What an authorizer's answer says about a method, as API Gateway reads it ("Output from an API Gateway Lambda authorizer").

sam local reads only statements that allow, so a path that a policy denies is open there.
"""

import re

INVOKE = "execute-api:Invoke"


class Malformed(Exception):
    """The answer is neither a policy nor a simple response."""


def decide(answer, arn: str, simple: bool) -> tuple[str, dict]:
    """Returns "allow", "deny" (a statement denies it) or "none" (no statement allows it), and the context for the function."""
    if not isinstance(answer, dict):
        raise Malformed
    if simple:
        if not isinstance(answer.get("isAuthorized"), bool):
            raise Malformed
        return ("allow" if answer["isAuthorized"] else "none"), answer.get("context") or {}
    if not isinstance(answer.get("policyDocument"), dict):
        raise Malformed
    context = dict(answer.get("context") or {})
    if any(isinstance(value, (dict, list)) for value in context.values()):
        raise Malformed
    effects = {statement.get("Effect") for statement in _listed(answer["policyDocument"].get("Statement")) if _covers(statement, arn)}
    if answer.get("principalId"):
        context["principalId"] = answer["principalId"]
    return ("deny" if "Deny" in effects else "allow" if "Allow" in effects else "none"), context


def _covers(statement: dict, arn: str) -> bool:
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    return any(_matches(action, INVOKE) for action in actions) and any(_matches(resource, arn) for resource in resources)


def _matches(pattern: str, text: str) -> bool:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL) is not None


def _listed(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]
