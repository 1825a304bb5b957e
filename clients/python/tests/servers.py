"""Serves the same small API in FastAPI, Starlette, Flask and Django, for tests/servers/test_servers.py.

It prints a line "name address" for each, and ends with its standard input.
"""

import logging
import socket
import sys
import threading
from socketserver import ThreadingMixIn
from typing import Annotated
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
import uvicorn
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from fastapi import Depends, FastAPI
from fastapi import Request as FastAPIRequest
from flask import Flask, request
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from latchkey import asgi, wsgi
from latchkey.fastapi import Caller, Keys

SETTINGS = asgi.Settings(api="servers/python", timeout=10, trusted_proxies=1)
CACHED = asgi.Settings(max_stale=60, timeout=10)


def shown(caller: asgi.Caller) -> dict[str, object]:
    return {"key_id": caller.key_id, "project_id": caller.project_id, "label": caller.label, "scopes": list(caller.scopes),
            "metadata": caller.metadata}


def of_fastapi() -> FastAPI:
    app = FastAPI()
    keys, cached = Keys(app, SETTINGS), Keys(app, CACHED)

    @app.api_route("/api/stats", methods=["GET", "HEAD", "POST"])
    def stats(caller: Annotated[Caller, Depends(keys("by_path"))]) -> dict[str, object]:
        return shown(caller)

    @app.get("/scoped")
    async def scoped(caller: Annotated[Caller, Depends(keys("write:events"))]) -> dict[str, object]:
        return shown(caller)

    @app.get("/cached")
    async def of_the_cache(caller: Annotated[Caller, Depends(cached("any_key"))]) -> dict[str, object]:
        return shown(caller)

    return app


def of_fastapi_with_middleware() -> asgi.App:
    app = FastAPI()

    @app.api_route("/api/stats", methods=["GET", "HEAD", "POST"])
    @app.get("/scoped")
    @app.get("/cached")
    def stats(request: FastAPIRequest) -> dict[str, object]:
        return shown(asgi.caller(request))

    guarded, cached = asgi.Guard(app, needs=needs, settings=SETTINGS), asgi.Guard(app, needs="any_key", settings=CACHED)

    async def both(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        await (cached if scope.get("path") == "/cached" else guarded)(scope, receive, send)

    return both


def of_starlette() -> Starlette:
    async def stats(request: Request) -> JSONResponse:
        return JSONResponse(shown(asgi.caller(request)))

    def guarded(needs: str, settings: asgi.Settings) -> list[Middleware]:
        return [Middleware(asgi.Guard, needs=needs, settings=settings)]

    return Starlette(routes=[
        Mount("/api", routes=[Route("/stats", stats, methods=["GET", "POST"])], middleware=guarded("by_path", SETTINGS)),
        Route("/scoped", stats, middleware=guarded("write:events", SETTINGS)),
        Route("/cached", stats, middleware=guarded("any_key", CACHED)),
    ])


def needs(method: str, path: str) -> str:
    return "write:events" if path == "/scoped" else "by_path"


def of_flask() -> Flask:
    app = Flask("servers")

    @app.route("/api/stats", methods=["GET", "POST"])
    @app.route("/scoped")
    @app.route("/cached")
    def stats() -> dict[str, object]:
        return shown(wsgi.caller(request))

    app.wsgi_app = _both(app.wsgi_app)
    return app


def of_django() -> wsgi.App:
    def stats(request: HttpRequest) -> JsonResponse:
        return JsonResponse(shown(wsgi.caller(request)))

    urls = [path("api/stats", stats), path("scoped", stats), path("cached", stats)]
    django_settings.configure(ROOT_URLCONF=tuple(urls), ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="of a test", LOGGING_CONFIG=None)
    django.setup()
    return _both(get_wsgi_application())


def _both(app: wsgi.App) -> wsgi.App:
    """One path has a guard of other settings."""
    guarded, cached = wsgi.Guard(app, needs=needs, settings=SETTINGS), wsgi.Guard(app, needs="any_key", settings=CACHED)
    return lambda environ, start: (cached if environ["PATH_INFO"] == "/cached" else guarded)(environ, start)


def serve_asgi(name: str, app: asgi.App) -> None:
    there = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False))
    threading.Thread(target=server.run, kwargs={"sockets": [there]}, daemon=True).start()
    print(name, f"http://127.0.0.1:{there.getsockname()[1]}", flush=True)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def serve_wsgi(name: str, app: wsgi.App) -> None:
    server = make_server("127.0.0.1", 0, app, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(name, f"http://127.0.0.1:{server.server_port}", flush=True)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    serve_asgi("fastapi", of_fastapi())
    serve_asgi("fastapi-middleware", of_fastapi_with_middleware())
    serve_asgi("starlette", of_starlette())
    serve_wsgi("flask", of_flask())
    serve_wsgi("django", of_django())
    print("ready", flush=True)
    sys.stdin.read()
