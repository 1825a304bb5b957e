"""Row 19: the largest requests of API Gateway and Lambda. No gateway response applies to these refusals.

    request line and headers   10,240 bytes      431   quotas of REST APIs; backbencher.dev's report of the status
    body                       10,485,760 bytes  413   the same; the text is as API Gateway sends it
    body within Lambda's event  6,291,556 bytes  413   quotas of Lambda; "Request Too Long" as API Gateway sends it
    a function's answer         6,291,556 bytes  502   the same, as an error of the function: see integration_failures.py
"""

import json

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

HEADERS = 10_240
BODY = 10 * 1024 * 1024
LAMBDA = 6_291_556
TEXT = {"Content-Type": "text; charset=utf-8"}


def install() -> None:
    replace(apigateway_v1, "handle_execute", _execute)
    replace(apigateway_v1, "_call_lambda_raw", _call)


async def _execute(original, api_id, stage_name, method, path, headers, body, query_params):
    if switch.on("19"):
        query = sum(len(name) + len(value) + 2 for name, values in (query_params or {}).items() for value in values)
        if len(method) + len(path) + query + sum(len(name) + len(value) for name, value in headers.items()) > HEADERS:
            return 431, dict(TEXT), f"HTTP header is larger than {HEADERS} bytes.".encode()
        if len(body) > BODY:
            return 413, dict(TEXT), f"HTTP content length exceeded {BODY} bytes.".encode()
        if len(body) > LAMBDA:
            return 413, {"Content-Type": "application/json", "x-amzn-ErrorType": "BadRequestException"}, b'{"message": "Request Too Long"}'
    return await original(api_id, stage_name, method, path, headers, body, query_params)


async def _call(original, *arguments, **named):
    result, error = await original(*arguments, **named)
    if switch.on("19") and result and not result.get("error") and len(json.dumps(result.get("body"))) > LAMBDA:
        return {"error": True, "body": {"errorType": "Function.ResponseSizeTooLarge"}}, error
    return result, error
