"""Middleware for ASGI: FastAPI, Starlette, Litestar, Django under ASGI.

    app.add_middleware(Guard)                              # the catalogue says what a path needs
    app.add_middleware(Guard, needs="read:stats")          # or a scope, several, or a function of method and path
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Protocol

from ._caller import KEY, Caller, caller_in
from ._checker import AsyncChecker
from ._question import Needs, Question, Request
from ._refusal import Refusal
from ._settings import Settings

__all__ = ["Caller", "Guard", "Settings", "caller"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class HasScope(Protocol):
    """Starlette's and FastAPI's requests and web sockets."""

    @property
    def scope(self) -> Scope: ...


def caller(request: HasScope | Mapping[str, Any]) -> Caller:
    """Whose key came with the request, or with the scope of one. A request that no Guard let through is a RuntimeError."""
    return caller_in(request if isinstance(request, Mapping) else request.scope)


class Guard:
    """Lets requests and web sockets through whose API key is good. Anything that it does not know is refused."""

    def __init__(self, app: App, needs: Needs = "by_path", settings: Settings | None = None) -> None:
        self._app = app
        self._checker = AsyncChecker(settings, needs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            raise ValueError(f"latchkey: a scope of the type {scope['type']} cannot be guarded")
        asked = self._checker.question(read_request(scope))
        if isinstance(asked, Question):
            answer = await self._checker.check(asked)
            if answer.caller:
                await self._app({**scope, KEY: answer.caller}, receive, _with_headers(send, answer.headers))
                return
            asked = answer.refusal
        if isinstance(asked, Refusal):
            await _refuse(scope, asked, send)
        else:  # public
            await self._app(scope, receive, send)


def read_request(scope: Scope) -> Request:
    def values(name: bytes) -> list[str]:
        return [value.decode("latin-1") for found, value in scope["headers"] if found.lower() == name]

    client = scope.get("client")
    return Request(
        scope.get("method", "GET"), scope["path"], values(b"authorization"), values(b"x-api-key"), values(b"x-forwarded-for"),
        client[0] if client else "")


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    added = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return sent


async def _refuse(scope: Scope, refusal: Refusal, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.code})
            return
        kind = "websocket.http.response"
    headers = [(name.lower().encode(), value.encode()) for name, value in refusal.all_headers().items()]
    text = refusal.text()
    headers.append((b"content-length", str(len(text)).encode()))
    await send({"type": f"{kind}.start", "status": refusal.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": b"" if scope.get("method") == "HEAD" else text})
