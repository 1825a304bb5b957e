"""The emulator's own endpoints, for tests.

    GET  /_latchkey/strict                                 → {"off": []}
    POST /_latchkey/strict  {"row": "1", "strict": false}  → {"off": ["1"]}   turns a row off or on
    GET  /_latchkey/grants                                 → [{"function", "action", "resource", "calls"}], see iam.py
    POST /_latchkey/kill    {"function", "sigterm", "count"} → {"killed": 3}  all optional, see sandbox.kill
    POST /_latchkey/concurrency  {"limit": 10}             → {"limit": 10}    the account's; {} leaves it
"""

import asyncio
import json

from strict import asgi, concurrency, iam, sandbox, switch


def _rows(wanted: dict) -> dict:
    if wanted:
        switch.turn(wanted["row"], wanted["strict"])
    return {"off": switch.off()}


ENDPOINTS = {
    "/_latchkey/strict": _rows,
    "/_latchkey/grants": lambda _: iam.grants(),
    "/_latchkey/kill": lambda wanted: {"killed": sandbox.kill(**wanted)},
    "/_latchkey/concurrency": lambda wanted: {"limit": concurrency.limit(wanted.get("limit"))},
}


def wrap(app):
    async def controlled(scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in ENDPOINTS:
            return await app(scope, receive, send)
        wanted = json.loads(await asgi.body(receive) or b"{}")
        answer = await asyncio.to_thread(ENDPOINTS[scope["path"]], wanted)
        await asgi.answer(send, 200, {"content-type": "application/json"}, json.dumps(answer).encode())

    return controlled
