"""Further addresses of the emulator, each for a stage of one API, as a custom domain is on AWS: see /_latchkey/listen in control.py."""

import asyncio
import socket

from hypercorn.asyncio import serve
from hypercorn.config import Config

from strict import request

BACKLOG = 100
_serving: dict[int, asyncio.Task] = {}  # by port
_emulator = None


def install(app) -> None:
    """`app` is the emulator's own application."""
    global _emulator
    _emulator = app


async def listen(port: int, api: str, stage: str) -> list[int]:
    """Serves that stage at the root of http://127.0.0.1:<port>/, until the emulator ends. Raises OSError if the port is taken."""
    listening = socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
    config = Config()
    config.bind, config.accesslog, config.errorlog = [f"fd://{listening.detach()}"], None, None
    _serving[port] = asyncio.create_task(serve(request.wrap(_leads_to(f"/_aws/execute-api/{api}/{stage}")), config,
                                               shutdown_trigger=asyncio.Event().wait))
    return ports()


def ports() -> list[int]:
    return sorted(_serving)


def _leads_to(stage: str):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await _begin_and_end(receive, send)
        await _emulator(scope | {"path": stage + scope["path"], "raw_path": stage.encode() + scope["raw_path"]}, receive, send)

    return app


async def _begin_and_end(receive, send) -> None:
    """The emulator has begun already, and must not begin again."""
    while True:
        phase = (await receive())["type"]
        await send({"type": f"{phase}.complete"})
        if phase == "lifespan.shutdown":
            return
