"""IAM in force: each call of a function is made with the function's own role, and the role must allow it.

With AUTH=true (stack.py) the emulator gives each function a session of its role, checks signatures and evaluates the policies:
actions, resources with indexes, each table of a batch, each item of a transaction, and conditions. Three things are added here:

    dynamodb:LeadingKeys   The emulator does not set it, and then ForAllValues in a policy is true for any key.
    a refusal              The emulator answers 403 and does not name the resource. DynamoDB and Secrets Manager answer 400, and
                           every service names the resource (IAM user guide, "Troubleshoot access denied error messages"; we
                           have seen the 400 in answers of both services).
    Lambda's actions       The emulator takes a call that reads for one that writes, or for none that needs a permission.

Each call that a role allows is recorded. grants() returns which grants of the functions were used, and which were not, and
which kinds of items that a grant's LeadingKeys name were used.
"""

import json
import re
from collections import Counter
from contextvars import ContextVar
from functools import lru_cache

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, iam, lambda_svc

from strict import switch
from strict.internals import replace

STATUS = {"dynamodb": 400, "secretsmanager": 400}  # the other services: 403
ROLE_OF_SESSION = re.compile(r"arn:aws:sts::\d+:assumed-role/([^/]+)/")
EQUALITY = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")

_refused: ContextVar[str] = ContextVar("the resource of the check that refused the request at hand")
_allowed: Counter[tuple[str, str, str]] = Counter()  # role, action, resource
_touched: Counter[tuple[str, str]] = Counter()  # role, pattern of LeadingKeys


def install() -> None:
    replace(iam_evaluator, "parse_policy_document", _parsed)
    replace(iam_evaluator, "enforce", _enforce)
    replace(iam_actions, "dynamodb_service_context", _service_context)
    replace(iam_actions, "access_denied_response", _refusal)
    replace(iam_actions, "_lambda_action", _lambda_action)


def _parsed(original, document):
    """The emulator reads the texts of a role's policies again for each call. Nobody changes what it returns."""
    return _parsed_once(original, document) if isinstance(document, str) else original(document)


@lru_cache(4096)
def _parsed_once(original, text):
    return original(text)


def grants() -> list[dict]:
    """The grants in the functions' own policies: one entry for an action on a resource, with the number of calls that used it."""
    found = []
    for function in lambda_svc._functions.values():
        role = function["config"]["Role"].rpartition("/")[2]
        for statement in statements(role):
            for action in statement.actions:
                for resource in statement.resources:
                    found.append({"function": function["config"]["FunctionName"], "action": action, "resource": resource,
                                  "calls": _calls(role, action, resource)})
            for pattern in _items(statement):
                found.append({"function": function["config"]["FunctionName"], "action": " ".join(statement.actions),
                              "resource": f"items {pattern}", "calls": _touched[role, pattern]})
    return found


def _items(statement) -> list[str]:
    patterns = statement.conditions.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
    return [patterns] if isinstance(patterns, str) else patterns


def statements(role: str):
    """The allowing statements of the policies inside the role. Policies that AWS manages are left out: nobody here can change them."""
    for document in (iam._roles.get(role) or {}).get("InlinePolicies", {}).values():
        for statement in iam_evaluator.parse_policy_document(document):
            if statement.effect == "Allow":
                yield statement


def note(role: str, action: str, resource: str) -> None:
    """Records a call that Lambda itself makes with the role of a function."""
    _allowed[role, action, resource] += 1


def _calls(role: str, action: str, resource: str) -> int:
    return sum(count for (who, what, on), count in _allowed.items()
               if who == role and iam_evaluator.fnmatch_iam(what, action) and iam_evaluator.fnmatch_iam_cs(on, resource))


def _enforce(original, access_key, action, service, region, resource_arn="*", service_context=None):
    if not switch.on("iam"):
        return None
    denied = original(access_key, action, service, region, resource_arn=resource_arn, service_context=service_context)
    if denied:
        _refused.set(resource_arn)
    elif role := ROLE_OF_SESSION.match(iam_evaluator.caller_arn()):
        _allowed[role[1], action, resource_arn] += 1
        _touch(role[1], action, resource_arn, (service_context or {}).get("dynamodb:LeadingKeys", []))
    return denied


def _touch(role: str, action: str, resource: str, keys: list[str]) -> None:
    """Only with the items of statements that allow this very call: DeleteItem on SESSION# is no use of a GetItem on it."""
    for statement in statements(role):
        if any(iam_evaluator.fnmatch_iam(action, given) for given in statement.actions) and any(
                iam_evaluator.fnmatch_iam_cs(resource, given) for given in statement.resources):
            for pattern in _items(statement):
                _touched[role, pattern] += any(iam_evaluator.fnmatch_iam_cs(key, pattern) for key in keys)


def _service_context(original, body):
    context = original(body)
    try:
        keys = _leading_keys(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return context  # the request is not valid, and DynamoDB reports the fault
    return context | {"dynamodb:LeadingKeys": keys} if keys else context


def _leading_keys(request: dict) -> list[str]:
    """The partition keys that a request names ("Using IAM policy conditions", DynamoDB developer guide)."""
    if "TransactItems" in request:
        return [key for item in request["TransactItems"] for operation in item.values() for key in _leading_keys(operation)]
    if "RequestItems" in request:
        return [key for table, wanted in request["RequestItems"].items() for operation in _batch(wanted)
                for key in _leading_keys(operation | {"TableName": table})]
    name = _partition_key(request["TableName"].rpartition("/")[2], request.get("IndexName"))
    if "KeyConditionExpression" in request:
        names, values = request.get("ExpressionAttributeNames") or {}, request["ExpressionAttributeValues"]
        equal = EQUALITY.findall(request["KeyConditionExpression"])
        return [_text(values[value]) for attribute, value in equal if names.get(attribute, attribute) == name]
    item = request.get("Key") or request.get("Item") or {}
    return [_text(item[name])] if name in item else []


def _batch(wanted) -> list[dict]:
    if isinstance(wanted, dict):  # BatchGetItem
        return [{"Key": key} for key in wanted["Keys"]]
    return [operation for write in wanted for operation in write.values()]


def _partition_key(table: str, index: str | None) -> str:
    found = dynamodb._tables[table]
    if index:
        found = next(entry for entry in found["GlobalSecondaryIndexes"] if entry["IndexName"] == index)
    return next(key["AttributeName"] for key in found["KeySchema"] if key["KeyType"] == "HASH")


def _text(value: dict) -> str:
    return next(iter(value.values()))


def _refusal(original, service, action, principal_arn, request_id, *, error_code="", message="", **others):
    if not (error_code or message or others.get("resource_policy_arn")):
        message = iam_actions.identity_denial_message(action, principal_arn, _refused.get(), others["explicit_deny"])
    status, headers, body = original(service, action, principal_arn, request_id, error_code=error_code, message=message, **others)
    return status if error_code else STATUS.get(service, status), headers, body


def _lambda_action(original, method, path):
    parts = [part for part in path.split("/") if part]
    if parts[-1] == "concurrency":
        return {"GET": "GetFunctionConcurrency", "DELETE": "DeleteFunctionConcurrency"}.get(method, "PutFunctionConcurrency")
    if parts[-1] == "account-settings":
        return "GetAccountSettings"
    if parts[-2:-1] == ["event-source-mappings"]:
        return {"GET": "GetEventSourceMapping", "DELETE": "DeleteEventSourceMapping"}.get(method, "UpdateEventSourceMapping")
    return original(method, path)
