"""Row 20: API Gateway takes the method from the header X-HTTP-Method-Override: for its routes, authorizers and functions.

It does not pass the header on (developer guide, "Amazon API Gateway important notes for REST APIs").
"""

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
HEADER = "x-http-method-override"


def install() -> None:
    replace(apigateway_v1, "handle_execute", _execute)


async def _execute(original, api_id, stage_name, method, path, headers, body, query_params):
    if switch.on("20") and headers.get(HEADER) in METHODS:
        method = headers[HEADER]
        headers = {name: value for name, value in headers.items() if name != HEADER}
    return await original(api_id, stage_name, method, path, headers, body, query_params)
