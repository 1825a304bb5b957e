"""Rows 1, 11, 12 and 21: the event that a function or an authorizer gets.

    1   Headers have the names that the client wrote, and a repeated header has all its values. Some headers are dropped (the
        first column of the table in response_headers.py). X-Forwarded-* and X-Amzn-Trace-Id are added. If a query parameter
        is repeated, its last value counts.
    11  `path` and `requestContext.path` are the path that the client called, with the base path. On the API's own address
        `requestContext.path` includes the stage, and `path` does not (LocalStack's issue 12296). `resource` includes neither.
    12  The source address is the address of the nearest hop. X-Forwarded-For does not change it (API Gateway developer guide,
        $context.identity.sourceIp).
    21  The path keeps its percent-encoding: when the routes are compared with it, in the event, in the path parameters and in
        the method's ARN (LocalStack's tests against AWS, for a route with {proxy+}).

The function, the authorizer, a gateway response and the answer have the same request id.
"""

import uuid

from ministack.services import apigateway_v1

from strict import request, switch
from strict.internals import replace

DROPPED = {"connection", "content-length", "content-md5", "expect", "max-forwards", "proxy-authenticate", "server", "te",
           "transfer-encoding", "trailer", "upgrade", "www-authenticate", "x-http-method-override",
           "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"}  # API Gateway writes these three itself


def install() -> None:
    replace(apigateway_v1, "handle_execute", _execute)
    replace(apigateway_v1, "_gateway_error_response", _word)
    replace(apigateway_v1, "_build_lambda_event_v1", _build)
    replace(apigateway_v1, "_invoke_authorizer_lambda", _authorize)


async def _execute(original, api_id, stage_name, method, path, *others):
    sent = request.current.get()
    prefix = sent.path.removesuffix(path)  # the stage's path in the emulator, or a base path
    if switch.on("21") and sent.raw_path.startswith(prefix):
        path = sent.raw_path[len(prefix):] or "/"
    status, headers, body = await original(api_id, stage_name, method, path, *others)
    return status, headers | {"x-amzn-requestid": sent.id}, body


def _word(original, error, known):
    return original(error, known | {"request_id": request.current.get().id})


def _build(original, *arguments, **named):
    return _as_sent(original(*arguments, **named))


async def _authorize(original, authorizer, event, account_id, region):
    if event["type"] == "REQUEST":
        event["requestContext"].setdefault("path", f"/{event['requestContext']['stage']}{event['path']}")
        event = _as_sent(event)
    return await original(authorizer, event, account_id, region)


def _as_sent(event: dict) -> dict:
    sent, context = request.current.get(), event["requestContext"]
    event.pop("version", None)  # it belongs to HTTP APIs
    context["requestId"] = sent.id
    if switch.on("1"):
        event["multiValueHeaders"] = _headers(sent)
        event["headers"] = {name: values[-1] for name, values in event["multiValueHeaders"].items()}
        several = event["multiValueQueryStringParameters"]
        event["queryStringParameters"] = {name: values[-1] for name, values in several.items()} if several else None
    if switch.on("11"):
        called = sent.raw_path if switch.on("21") else sent.path
        event["path"] = event["path"] if sent.on_own_address else called
        context["path"] = called
    if switch.on("12"):
        context["identity"]["sourceIp"] = sent.address
    return event


def _headers(sent: request.Request) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in sent.headers:
        signed = name.lower() == "authorization" and value.startswith("AWS4-HMAC-SHA256")
        if name.lower() not in DROPPED and not signed:
            headers.setdefault(name, []).append(value)
    forwarded = [value for name, value in sent.headers if name.lower() == "x-forwarded-for"]
    return headers | {
        "X-Forwarded-For": [", ".join([*forwarded, sent.address])],
        "X-Forwarded-Port": [str(sent.port)],
        "X-Forwarded-Proto": ["http"],  # on AWS always https
        "X-Amzn-Trace-Id": [f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"],
    }
