"""The real stack, what the tests of the client need of it, and a proxy in front of it that loses answers."""

from __future__ import annotations

import json
import os
import threading
import time
import unittest
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from latchkey import Client, Login
from latchkey.types import Key, TokenPair

URL = os.environ["API_URL"]
LOGIN = Login(os.environ["ADMIN_EMAIL"], os.environ["ADMIN_PASSWORD"])


class TestCase(unittest.TestCase):
    """The administrator logs in once: logins are limited."""

    pair: TokenPair
    admin = Client(URL, LOGIN, on_tokens=lambda pair: setattr(TestCase, "pair", pair))

    def token(self) -> str:
        self.admin.sign_in()
        return self.pair["access_token"]

    def key(self, *scopes: str, **fields: Any) -> Key:
        """For one test."""
        key = self.admin.keys.create(label="python test", scopes=list(scopes) or ["read:stats"], **fields)
        self.addCleanup(self._delete, key["id"])
        return key

    def _delete(self, id: str) -> None:
        with suppress(Exception):
            self.admin.keys.delete(id)

    def client(self, key: Key, url: str = URL, **options: Any) -> Client:
        client = Client(url, key["key"], **options)
        self.addCleanup(client.close)
        return client

    def member(self) -> Login:
        """Who was just registered."""
        login = Login(f"py-{uuid.uuid4()}@example.com", str(uuid.uuid4()))
        self.admin.users.register(email=login.email, password=login.password)
        return login

    def proxy(self, fate: Callable[[Request], Fate]) -> Proxy:
        proxy = Proxy(fate)
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        return proxy


def listed() -> None:
    """Lists follow what was written some 100 ms later (docs/aws.md, row 10)."""
    time.sleep(0.15)


@dataclass
class Refused:
    """An answer of the proxy's own."""

    status: int
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> bytes:
        """Without a code it is API Gateway's own."""
        body = {"error_code": self.code, "request_id": "of the proxy"} if self.code else {"message": "Internal server error"}
        return json.dumps(body).encode()


@dataclass
class Request:
    method: str
    path: str
    before: int
    """How many of the same method and path came before."""
    at: float


Fate = None | str | Refused | Callable[[Any], Any]
"""It is passed on (None), the connection breaks before or after the service has seen it ("lose request", "lose answer"), the proxy
answers, or the service's answer is changed."""


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, fate: Callable[[Request], Fate]) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.fate = fate
        self.seen: list[Request] = []
        self.lock = threading.Lock()
        self.service = httpx.Client(timeout=60)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, path: str) -> int:
        return sum(request.path == path for request in self.seen)

    def pauses(self) -> Sequence[float]:
        return [later.at - earlier.at for earlier, later in zip(self.seen, self.seen[1:])]


class _Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        with self.server.lock:
            before = sum((other.method, other.path) == (self.command, path) for other in self.server.seen)
            request = Request(self.command, path, before, time.monotonic())
            self.server.seen.append(request)
        fate = self.server.fate(request)
        if isinstance(fate, Refused):
            self._answer(fate.status, fate.headers, fate.text)
        elif fate == "lose request":
            self.close_connection = True
        else:
            self._forward(request, body, fate)

    def _forward(self, request: Request, body: bytes, fate: Fate) -> None:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "content-length")}
        answer = self.server.service.request(request.method, URL + self.path, headers=kept, content=body)
        if answer.status_code == 429:
            with self.server.lock:
                self.server.seen.remove(request)  # other tests used up a limit: it will be sent again
        if fate == "lose answer":
            self.close_connection = True
            return
        text = json.dumps(fate(answer.json())).encode() if callable(fate) and answer.is_success else answer.content
        told = ("content-type", "link", "retry-after", "www-authenticate")
        self._answer(answer.status_code, {name: value for name, value in answer.headers.items() if name in told}, text)

    def _answer(self, status: int, headers: dict[str, str], text: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked went away
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass
