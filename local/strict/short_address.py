"""The API at the root of the emulator's own address, http://127.0.0.1:4566/, beside the AWS services.

As on AWS, the base path mappings of a custom domain lead each base path to an API and a stage. local/address.py makes them for a
domain, and requests to this address are treated as requests to that domain. A request that is signed, names a target, or has a
path that begins with /_ is for an AWS service. Every other request is for the API, also with an unknown path.
"""

from ministack.services import apigateway_v1

from settings import API_DOMAIN

HOSTS = {"127.0.0.1", "localhost"}
SIGNS = ("x-amz-", "amz-sdk-")  # headers that AWS clients send


def wrap(app):
    async def addressed(scope, receive, send):
        found = apigateway_v1.resolve_base_path_mapping(API_DOMAIN, scope["path"]) if _is_for_an_api(scope) else None
        if found:
            api_id, stage, rest = found
            base = len(scope["path"].removesuffix(rest))
            own = f"/_aws/execute-api/{api_id}/{stage}"
            scope = scope | {"path": own + rest, "raw_path": own.encode() + scope["raw_path"][base:]}
        await app(scope, receive, send)

    return addressed


def _is_for_an_api(scope) -> bool:
    if scope["type"] != "http" or scope["path"].startswith("/_"):
        return False
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    signed = headers.get("authorization", "").startswith(("AWS4-", "AWS ")) or b"X-Amz-" in scope["query_string"]
    return headers.get("host", "").partition(":")[0] in HOSTS and not signed and not any(name.startswith(SIGNS) for name in headers)
