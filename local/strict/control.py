"""The emulator's own endpoints, for tests.

    GET  /_latchkey/strict                                 → {"off": []}
    POST /_latchkey/strict  {"row": "1", "strict": false}  → {"off": ["1"]}   turns a row off or on
    GET  /_latchkey/grants                                 → [{"function", "action", "resource", "calls"}], see iam.py
"""

import json

from strict import asgi, iam, switch


def _rows(wanted: dict) -> dict:
    if wanted:
        switch.turn(wanted["row"], wanted["strict"])
    return {"off": switch.off()}


ENDPOINTS = {
    "/_latchkey/strict": _rows,
    "/_latchkey/grants": lambda _: iam.grants(),
}


def wrap(app):
    async def controlled(scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in ENDPOINTS:
            return await app(scope, receive, send)
        answer = ENDPOINTS[scope["path"]](json.loads(await asgi.body(receive) or b"{}"))
        await asgi.answer(send, 200, {"content-type": "application/json"}, json.dumps(answer).encode())

    return controlled
