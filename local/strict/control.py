"""`/_latchkey/strict`: turns a row off and on in the running emulator, so that its tests can be seen to fail without it.

    GET  /_latchkey/strict                                 → {"off": []}
    POST /_latchkey/strict  {"row": "1", "strict": false}  → {"off": ["1"]}
"""

import json

from strict import asgi, switch

PATH = "/_latchkey/strict"


def wrap(app):
    async def controlled(scope, receive, send):
        if scope["type"] != "http" or scope["path"] != PATH:
            return await app(scope, receive, send)
        if scope["method"] == "POST":
            wanted = json.loads(await asgi.body(receive))
            switch.turn(wanted["row"], wanted["strict"])
        await asgi.answer(send, 200, {"content-type": "application/json"}, json.dumps({"off": switch.off()}).encode())

    return controlled
