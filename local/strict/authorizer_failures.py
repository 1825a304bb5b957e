"""Row 2: an authorizer that crashes, runs out of time, is throttled or answers something that is not a policy.

API Gateway answers 500 for all of them, as AUTHORIZER_FAILURE or AUTHORIZER_CONFIGURATION_ERROR (developer guide, "Gateway
response types"); only an error that says exactly "Unauthorized" is a refusal, 401. The emulator does so too, except for values
in the context that are neither text, number nor boolean, which AWS refuses ("Output from an API Gateway Lambda authorizer";
serverless-offline#533). Which of the two types a throttled authorizer has is not documented: an API must define both.

Without this row an authorizer that fails refuses the request, as under `sam local` and in other emulators.
"""

import json

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

REFUSAL = {"error": True, "body": {"errorMessage": "Unauthorized"}}
NO_POLICY = {"body": None}


def install() -> None:
    replace(apigateway_v1, "_invoke_authorizer_lambda", _invoke)


async def _invoke(original, authorizer, event, account_id, region):
    result = await original(authorizer, event, account_id, region)
    policy = _policy(result)
    if not switch.on("2"):
        return result if policy else REFUSAL
    if policy and any(isinstance(value, (dict, list)) for value in (policy.get("context") or {}).values()):
        return NO_POLICY
    return result


def _policy(result) -> dict | None:
    """The authorizer's answer, if it has the right form."""
    if not result or result.get("error"):
        return None
    body = result.get("body")
    try:
        body = json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("policyDocument"), dict) else None
