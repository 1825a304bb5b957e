"""The emulator's own endpoints, for tests.

    GET  /_latchkey/strict                                 → {"off": [], "dynamodb": "http://…"}
    POST /_latchkey/strict  {"row": "1", "strict": false}  → {"off": ["1"], …}   turns a row off or on
    GET  /_latchkey/grants                                 → [{"function", "action", "resource", "calls"}], see iam.py
    POST /_latchkey/kill    {"function", "sigterm", "count"} → {"killed": 3}  all optional, see sandbox.kill
    POST /_latchkey/concurrency  {"limit": 10}             → {"limit": 10}    the account's; {} leaves it
    POST /_latchkey/secrets {"failing": true}              → {"failing": true}  see secrets.py
    POST /_latchkey/listen  {"port": 3001, "api": "…", "stage": "…"} → {"ports": [3001]}  serves one API there, see listeners.py;
                                                             without 3001 if that is taken

The settings of the proxy between functions and DynamoDB (settings.go in tests/strictdynamo), at the address above:

    GET  /_latchkey/dynamodb                               → {"lag_ms": 100, …}
    POST /_latchkey/dynamodb         {"lag_ms": 500}       → {"lag_ms": 500, …}
    POST /_latchkey/dynamodb/expire  {"table": "…"}        → {"deleted": 3}      deletes the expired items now
"""

import asyncio
import json

from strict import asgi, concurrency, dynamodb, iam, listeners, sandbox, secrets, switch


async def _rows(wanted: dict) -> dict:
    if wanted:
        switch.turn(wanted["row"], wanted["strict"])
        await dynamodb.turn(wanted["row"], wanted["strict"])
    return {"off": switch.off(), "dynamodb": dynamodb.address()}


async def _grants(_: dict) -> list[dict]:
    return iam.grants()


async def _kill(wanted: dict) -> dict:
    return {"killed": await asyncio.to_thread(sandbox.kill, **wanted)}


async def _concurrency(wanted: dict) -> dict:
    return {"limit": concurrency.limit(wanted.get("limit"))}


async def _secrets(wanted: dict) -> dict:
    return {"failing": secrets.fail(wanted["failing"])}


async def _listen(wanted: dict) -> dict:
    try:
        return {"ports": await listeners.listen(**wanted)}
    except OSError:
        return {"ports": listeners.ports()}


ENDPOINTS = {
    "/_latchkey/strict": _rows,
    "/_latchkey/grants": _grants,
    "/_latchkey/kill": _kill,
    "/_latchkey/concurrency": _concurrency,
    "/_latchkey/secrets": _secrets,
    "/_latchkey/listen": _listen,
    "/_latchkey/dynamodb": dynamodb.settings,
    "/_latchkey/dynamodb/expire": dynamodb.expire,
}


def wrap(app):
    async def controlled(scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in ENDPOINTS:
            return await app(scope, receive, send)
        answer = await ENDPOINTS[scope["path"]](json.loads(await asgi.body(receive) or b"{}"))
        await asgi.answer(send, 200, {"content-type": "application/json"}, json.dumps(answer).encode())

    return controlled
