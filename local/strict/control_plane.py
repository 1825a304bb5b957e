"""Row 15: API Gateway's own API accepts 10 calls a second from an account, and a burst of 40. All operations share this limit.

Above the limit it answers 429 TooManyRequestsException (developer guide, "Quotas for creating, deploying and managing an API").
This module also adds FlushStageAuthorizersCache, which the emulator does not have. The call deletes the cached answers of a
stage's authorizers.
"""

import json
import re
import time

from ministack.services import apigateway_v1

from strict import switch
from strict.internals import replace

RATE = 10  # calls a second
BURST = 40
FLUSH = re.compile(r"/restapis/([^/]+)/stages/([^/]+)/cache/authorizers")

_left, _counted_at = float(BURST), time.monotonic()


def install() -> None:
    replace(apigateway_v1, "handle_request", _handle)


async def _handle(original, method, path, headers, body, query_params):
    if not switch.on("15"):
        return await original(method, path, headers, body, query_params)
    if not _take():
        refusal = {"message": "Too Many Requests"}
        return 429, {"Content-Type": "application/json", "x-amzn-ErrorType": "TooManyRequestsException"}, json.dumps(refusal).encode()
    found = FLUSH.fullmatch(path)
    if method == "DELETE" and found:
        return _flush(*found.groups())
    return await original(method, path, headers, body, query_params)


def _take() -> bool:
    global _left, _counted_at
    now = time.monotonic()
    _left, _counted_at = min(BURST, _left + RATE * (now - _counted_at)), now
    if _left < 1:
        return False
    _left -= 1
    return True


def _flush(api_id: str, stage_name: str):
    if stage_name not in apigateway_v1._stages_v1.get(api_id, {}):
        return apigateway_v1._v1_error("NotFoundException", "Invalid Stage identifier specified", 404)
    for key in [key for key in apigateway_v1._authorizer_cache if (key[2], key[4]) == (api_id, stage_name)]:
        del apigateway_v1._authorizer_cache[key]
    return 202, {}, b""
