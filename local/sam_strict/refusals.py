"""The answers that API Gateway writes itself when an authorizer does not let a request through.

A REST API words them by its gateway responses ("Gateway response types"), an HTTP API has one text for each status.
"""

import json
import re
import uuid

from flask import Response, request
from samcli.local.apigw.route import Route

STATUS = {"UNAUTHORIZED": 401, "ACCESS_DENIED": 403, "AUTHORIZER_FAILURE": 500, "AUTHORIZER_CONFIGURATION_ERROR": 500}
HTTP_TEXT = {401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}
ERROR_TYPE = {"UNAUTHORIZED": "UnauthorizedException", "ACCESS_DENIED": "AccessDeniedException"}
VARIABLE = re.compile(r"\$\{(context(?:\.\w+)+)\}|\$(context(?:\.\w+)+)")
PLAIN = '{"message":$context.error.messageString}'
DENIED = '{"Message":$context.error.messageString}'


def answer(route: Route, kind: str, message: str | None, worded: dict) -> Response:
    """`kind` is the type of the gateway response, `worded` are those that the template has, as SAM writes them."""
    if route.event_type == Route.HTTP:
        return _made(STATUS[kind], json.dumps({"message": HTTP_TEXT[STATUS[kind]]}), {})
    said = worded.get(kind) or worded.get("DEFAULT_4XX" if STATUS[kind] < 500 else "DEFAULT_5XX") or {}
    plain = DENIED if not said and kind == "ACCESS_DENIED" else PLAIN
    body = (said.get("ResponseTemplates") or {}).get("application/json") or plain
    variables = {"context.error.message": message or "", "context.error.messageString": json.dumps(message),
                 "context.error.responseType": kind, "context.requestId": str(uuid.uuid4())}
    headers = (said.get("ResponseParameters") or {}).get("Headers") or {}
    lines = {name: value for name, source in headers.items() if (value := _value(source, variables)) is not None}
    if kind in ERROR_TYPE:
        lines["x-amzn-ErrorType"] = ERROR_TYPE[kind]
    text = VARIABLE.sub(lambda found: variables.get(found[1] or found[2], found[0]), body)
    return _made(int(said.get("StatusCode") or STATUS[kind]), text, lines)


def _made(status: int, body: str, headers: dict) -> Response:
    made = Response(body, status, content_type="application/json")
    for name, value in headers.items():
        made.headers[name] = value
    return made


def _value(source, variables: dict) -> str | None:
    """The value of a header, or None: then the header is left out, as where CloudFormation would decide about it."""
    if not isinstance(source, str):
        return None
    if len(source) > 1 and source[0] == source[-1] == "'":
        return source[1:-1]
    if source.startswith("method.request.header."):
        return request.headers.get(source.removeprefix("method.request.header."))
    return variables.get(source)
