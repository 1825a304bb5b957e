"""The request as the client sent it: its header lines, its path and its address. The emulator passes on only part of it."""

import uuid
from contextvars import ContextVar
from dataclasses import dataclass

from hypercorn.config import Config


@dataclass(frozen=True)
class Request:
    headers: list[tuple[str, str]]  # one entry a line, with the names that the client wrote
    path: str  # the path that the client called, decoded
    raw_path: str  # the same path, as it was sent
    on_own_address: bool  # False on a custom domain
    address: str
    port: int  # of the server
    id: str


current: ContextVar[Request] = ContextVar("the request at hand")


def install() -> None:
    Config.h11_pass_raw_headers = True  # without it, the server changes all names to lower case


def wrap(app):
    async def noted(scope, receive, send):
        if scope["type"] == "http":
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            own = scope["path"].startswith("/_aws/execute-api/")
            raw_path = scope["raw_path"].decode("latin-1")
            current.set(Request(headers, scope["path"], raw_path, own, scope["client"][0], scope["server"][1], str(uuid.uuid4())))
            scope = scope | {"headers": [(name.lower(), value) for name, value in scope["headers"]]}
        await app(scope, receive, send)

    return noted
