"""Middleware for WSGI: Flask, Django, Bottle.

    app.wsgi_app = Guard(app.wsgi_app)                      # Flask
    application = Guard(get_wsgi_application())             # Django
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from ._caller import KEY, Caller, caller_in
from ._checker import Checker
from ._question import Needs, Question, Request
from ._refusal import Refusal
from ._settings import Settings

__all__ = ["Caller", "Guard", "Settings", "caller"]

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class HasEnviron(Protocol):
    """Flask's and Django's requests."""

    @property
    def environ(self) -> Mapping[str, Any]: ...


def caller(request: HasEnviron | Mapping[str, Any]) -> Caller:
    """Whose key came with the request, or with the environ of one. A request that no Guard let through is a RuntimeError."""
    return caller_in(request if isinstance(request, Mapping) else request.environ)


class Guard:
    """Lets requests through whose API key is good."""

    def __init__(self, app: App, needs: Needs = "by_path", settings: Settings | None = None) -> None:
        self._app = app
        self._checker = Checker(settings, needs)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(KEY, None)
        asked = self._checker.question(_read_request(environ))
        headers: dict[str, str] = {}
        if isinstance(asked, Question):
            answer = self._checker.check(asked)
            environ[KEY], headers, asked = answer.caller, answer.headers, answer.refusal
        if isinstance(asked, Refusal):
            return _refuse(environ, asked, start_response)

        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*fields, *headers.items()], *rest)

        return self._app(environ, start)


def _read_request(environ: Environ) -> Request:
    def values(name: str) -> list[str]:  # WSGI has joined what came several times
        return str(environ.get(name, "")).split(",")

    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return Request(
        environ["REQUEST_METHOD"], path.encode("latin-1").decode(errors="replace") or "/", values("HTTP_AUTHORIZATION"),
        values("HTTP_X_API_KEY"), values("HTTP_X_FORWARDED_FOR"), environ.get("REMOTE_ADDR", ""))


def _refuse(environ: Environ, refusal: Refusal, start_response: StartResponse) -> Iterable[bytes]:
    text = refusal.text()
    start_response(f"{refusal.status} {refusal.body['title']}", [*refusal.all_headers().items(), ("Content-Length", str(len(text)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [text]
