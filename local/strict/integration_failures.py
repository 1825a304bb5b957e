"""Row 3: a function that crashes, runs out of time, is throttled or answers something that is not a proxy response.

                                    gateway response      status   source
    error of the function, its own  DEFAULT_5XX           502      LocalStack's AWS-validated tests; Lambda developer guide,
    time-out, malformed answer                                     "Handling Lambda errors with an API Gateway API"
    longer than the integration's   INTEGRATION_TIMEOUT   504      developer guide, "Gateway response types"
    time-out (29 s unless less)
    throttled by Lambda             INTEGRATION_FAILURE   500      AWS re:Post; LocalStack measured that this type's status is
                                                                   500 unless the API sets one, though the guide says 504

The body and headers come from the API's own gateway response of this type, or of DEFAULT_5XX.
"""

import asyncio
import json
from contextvars import ContextVar

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

LONGEST = 29000  # milliseconds that API Gateway waits for a function, if the method does not set fewer
MEMBERS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}  # a proxy response has no other members

_timeout = ContextVar("milliseconds that the method at hand waits")


class _Failure(Exception):
    """Carries a gateway error out of the emulator's own handling of a function's result."""

    def __init__(self, kind: str, message: str, status: int):
        super().__init__(kind)
        self.error = apigateway_v1._GatewayError(kind, message, "InternalServerErrorException")
        self.error.status = status


def install() -> None:
    replace(apigateway_v1, "_invoke_lambda_proxy_v1", _invoke)
    replace(apigateway_v1, "_call_lambda_raw", _call)
    replace(apigateway_v1, "_lambda_proxy_response", _proxy_response)
    replace(apigateway_v1, "_gateway_error_response", _word)


async def _invoke(original, integration, *arguments, **named):
    _timeout.set(int(integration.get("timeoutInMillis") or LONGEST))
    try:
        return await original(integration, *arguments, **named)
    except _Failure as failure:
        return failure.error


async def _call(original, *arguments, **named):
    if not switch.on("3"):
        return await original(*arguments, **named)
    call = asyncio.ensure_future(original(*arguments, **named))
    done, _ = await asyncio.wait([call], timeout=_timeout.get() / 1000)  # the function goes on running, as on AWS
    if not done:
        raise _Failure("INTEGRATION_TIMEOUT", "Endpoint request timed out", 504)
    return call.result()


def _proxy_response(original, result):
    if not switch.on("3"):
        return original(result)
    if result.get("throttle"):
        raise _Failure("INTEGRATION_FAILURE", "Internal server error", 500)
    if result.get("error") or not _is_proxy_response(result.get("body")):
        raise _Failure("DEFAULT_5XX", "Internal server error", 502)
    return original(result)


def _is_proxy_response(body) -> bool:
    """Reports whether API Gateway accepts the function's answer: an object with these members, all optional."""
    if isinstance(body, (str, bytes)):
        try:
            body = json.loads(body)
        except ValueError:
            return False
    if not isinstance(body, dict) or not body.keys() <= MEMBERS:
        return False
    headers, lists = body.get("headers") or {}, body.get("multiValueHeaders") or {}
    return (str(body.get("statusCode", 200)).isdigit()
            and isinstance(body.get("body") or "", str)
            and isinstance(headers, dict) and all(isinstance(value, (str, bool)) for value in headers.values())
            and isinstance(lists, dict) and all(isinstance(values, list) for values in lists.values()))


def _word(original, error, request):
    """The status is the one that the API sets for the type, else for all 5XX (or 4XX), else the failure's own."""
    status, headers, body = original(error, request)
    if switch.on("3"):
        status = int(_chosen_status(error.response_type, request) or getattr(error, "status", status))
    return status, headers, body


def _chosen_status(kind: str, request) -> str | None:
    api_id = request["api_id"]
    deployed = apigateway_v1._deployed_gateway_responses.get(api_id, {}).get(request["stage"].get("deploymentId"))
    customized = deployed if deployed is not None else apigateway_v1._gateway_responses.get(api_id, {})
    own = customized.get(kind) or customized.get(apigateway_v1._gateway_response_family(kind)) or {}
    # Where the API sets no status, the emulator sets 504. AWS does not do this.
    return None if (kind, own.get("statusCode")) == ("INTEGRATION_FAILURE", "504") else own.get("statusCode")
