"""`/_latchkey/…`: controls the strictness of the running emulator, so that tests can be seen to fail without it.

    GET  /_latchkey/strict                                 → {"off": [], "dynamodb": "http://…"}
    POST /_latchkey/strict  {"row": "1", "strict": false}  → {"off": ["1"], …}

`dynamodb` is where functions reach DynamoDB. What follows /_latchkey/dynamodb goes to its control, settings.go in
tests/strictdynamo:

    GET  /_latchkey/dynamodb                               → {"lag_ms": 100, …}
    PUT  /_latchkey/dynamodb  {"lag_ms": 500}              → {"lag_ms": 500, …}
    POST /_latchkey/dynamodb/expire?table=…                → {"deleted": 3}      row 17
"""

import asyncio
import json

from strict import asgi, dynamodb, switch

STRICT = "/_latchkey/strict"
DYNAMODB = "/_latchkey/dynamodb"
JSON = {"content-type": "application/json"}


def wrap(app):
    async def controlled(scope, receive, send):
        path = scope["path"] if scope["type"] == "http" else ""
        if path == STRICT:
            status, content = 200, await _strict(scope["method"], await asgi.body(receive))
        elif path.startswith(DYNAMODB):
            status, content = await _dynamodb(scope, await asgi.body(receive))
        else:
            return await app(scope, receive, send)
        await asgi.answer(send, status, JSON, content)

    return controlled


async def _strict(method: str, body: bytes) -> bytes:
    if method == "POST":
        wanted = json.loads(body)
        switch.turn(wanted["row"], wanted["strict"])
        await asyncio.to_thread(dynamodb.turn, wanted["row"], wanted["strict"])
    return json.dumps({"off": switch.off(), "dynamodb": dynamodb.address()}).encode()


async def _dynamodb(scope, body: bytes) -> tuple[int, bytes]:
    path = scope["path"].removeprefix(DYNAMODB)
    if path == "/expire" and not switch.on("17"):
        return 409, b'{"message": "row 17 is off: the emulator deletes what has expired"}'
    query = scope["query_string"].decode()
    return await asyncio.to_thread(dynamodb.ask, scope["method"], f"{path}?{query}" if query else path, body)
