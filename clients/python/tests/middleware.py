"""What the middleware does with its cache, in threads and in an event loop, and with answers that Latchkey never gives. unittest."""

import json
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

import anyio
import httpx
from latchkey import asgi, wsgi
from latchkey._checker import Checker

OWN = "gf_ofThisServer"
VALID: dict[str, Any] = {
    "valid": True, "code": "VALID", "key_id": "K", "label": "customer 17", "type": "scoped", "owner_id": "usr_A", "project_id": "prj_A",
    "scopes": ["read:stats"], "metadata": {}, "expires_at": None, "headers": {"X-RateLimit-Remaining": "9"}}


def refusing(code: str, status: int, seconds: int = 0) -> dict[str, Any]:
    problem = {"type": "about:blank", "title": "T", "status": status, "error_code": code, "request_id": "R"}
    return {"valid": False, "code": code, "headers": {}, "limit": {"retry_after": seconds}, "problem": problem}


class Latchkey(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[dict[str, Any]] = []
        self.answer: Any = VALID
        self.status, self.wait = 200, 0.0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Latchkey

    def do_POST(self) -> None:  # noqa: N802
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        time.sleep(self.server.wait)
        answer = self.server.answer
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked went away
            self.send_response(self.server.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


class Middleware(unittest.TestCase):
    def setUp(self) -> None:
        self.latchkey = Latchkey()
        self.addCleanup(self.latchkey.server_close)
        self.addCleanup(self.latchkey.shutdown)

    def settings(self, **changed: Any) -> wsgi.Settings:
        return wsgi.Settings(url=f"http://127.0.0.1:{self.latchkey.server_port}/", key=OWN, **changed)

    def guarded(self, **changed: Any) -> httpx.Client:
        def app(environ: wsgi.Environ, start: wsgi.StartResponse) -> list[bytes]:
            start("200 OK", [])
            return [wsgi.caller(environ).key_id.encode()]

        transport = httpx.WSGITransport(wsgi.Guard(app, settings=self.settings(**changed)))  # type: ignore[arg-type]
        client = httpx.Client(transport=transport, base_url="http://api", headers={"X-Api-Key": "gf_ofTheCaller"})
        self.addCleanup(client.close)
        return client

    def test_within_its_time_the_cache_answers_the_same_question_and_no_other(self) -> None:
        client, now = self.guarded(max_stale=60), time.time()
        with mock.patch("latchkey._checker.time.time", side_effect=lambda: now):
            self.assertEqual([client.get("/x").text, client.get("/x").text], ["K", "K"])
            self.assertEqual(len(self.latchkey.asked), 1)
            client.get("/y")
            client.get("/x", headers={"X-Api-Key": "another"})
            self.assertEqual(len(self.latchkey.asked), 3)
            now += 60
            client.get("/x")
            self.assertEqual(len(self.latchkey.asked), 4)

    def test_a_refusal_of_a_limit_is_kept_as_long_as_it_holds_and_no_other(self) -> None:
        client, now = self.guarded(max_stale=60), time.time()
        with mock.patch("latchkey._checker.time.time", side_effect=lambda: now):
            self.latchkey.answer = refusing("RATE_LIMIT_EXCEEDED", 429, 5)
            self.assertEqual([client.get("/x").status_code, client.get("/x").status_code], [429, 429])
            self.assertEqual(len(self.latchkey.asked), 1)
            now += 5
            self.latchkey.answer = refusing("API_KEY_DISABLED", 401)
            self.assertEqual([client.get("/x").status_code, client.get("/x").status_code], [401, 401])
            self.assertEqual(len(self.latchkey.asked), 3)
            self.latchkey.answer = refusing("QUOTA_EXCEEDED", 429)
            self.assertEqual([client.get("/x").json()["error_code"], client.get("/x").json()["error_code"]], ["QUOTA_EXCEEDED", "QUOTA_EXCEEDED"])
            self.assertEqual(len(self.latchkey.asked), 5)
            ends = datetime.fromtimestamp(now, timezone.utc) + timedelta(seconds=3)
            self.latchkey.answer = VALID | {"expires_at": ends.isoformat().replace("+00:00", "Z")}
            client.get("/x")
            client.get("/x")
            self.assertEqual(len(self.latchkey.asked), 6)
            now += 3.1
            client.get("/x")
            self.assertEqual(len(self.latchkey.asked), 7)

    def test_threads_that_ask_the_same_at_the_same_time_share_one_question(self) -> None:
        client = self.guarded(max_stale=60)
        self.latchkey.wait = 0.3
        with ThreadPoolExecutor(20) as pool:
            self.assertEqual(set(pool.map(lambda _: client.get("/x").text, range(20))), {"K"})
        self.assertEqual(len(self.latchkey.asked), 1)

    def test_tasks_share_one_question_also_when_who_asked_it_goes_away(self) -> None:
        async def app(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": asgi.caller(scope).key_id.encode()})

        async def all_of_them() -> list[str]:
            guard, found = asgi.Guard(app, settings=self.settings(max_stale=60)), []
            transport = httpx.ASGITransport(guard)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://api", headers={"X-Api-Key": "a"}) as client:
                async def get() -> None:
                    found.append((await client.get("/x")).text)

                async with anyio.create_task_group() as group:
                    group.start_soon(get)
                    while not self.latchkey.asked:
                        await anyio.sleep(0.01)
                    group.cancel_scope.cancel()  # it goes away
                async with anyio.create_task_group() as group:
                    for _ in range(20):
                        group.start_soon(get)
            return found

        self.latchkey.wait = 0.3
        self.assertEqual(anyio.run(all_of_them), ["K"] * 20)
        self.assertEqual(len(self.latchkey.asked), 2)

    def test_the_cache_is_bounded(self) -> None:
        client = self.guarded(max_stale=60, cache_size=2)
        for path in ("/1", "/2", "/3", "/3", "/1"):
            client.get(path)
        self.assertEqual(len(self.latchkey.asked), 4)

    def test_whatever_is_not_said_to_be_a_good_key_is_none_and_no_key_is_in_the_log(self) -> None:
        fields = {"error_code": "VALIDATION_ERROR", "fields": [{"field": "scopes", "message": "must name scopes that exist"}]}
        wrong: dict[str, tuple[int, Any]] = {
            "no JSON": (200, b"<html>"), "nothing": (200, b""), "a list": (200, []), "of nobody": (200, VALID | {"key_id": ""}),
            "valid, with a reason": (200, VALID | {"code": "API_KEY_REVOKED"}), "valid, and refused": (200, VALID | {"problem": {}}),
            "an older deployment": (200, {"valid": False, "code": "API_KEY_REVOKED"}), "a redirect": (302, b""),
            "a refusal that allows": (200, refusing("API_KEY_REVOKED", 200)), "a scope that does not exist": (422, fields)}
        for name, (self.latchkey.status, self.latchkey.answer) in wrong.items():
            with self.subTest(name), self.assertLogs("latchkey") as log:
                before = len(self.latchkey.asked)
                answer = self.guarded().get("/x")
                self.assertEqual((answer.status_code, answer.headers["Retry-After"]), (503, "1"))
                self.assertEqual(answer.json()["error_code"], "SERVICE_UNAVAILABLE")
                self.assertEqual(len(self.latchkey.asked) - before, 1)
                self.assertIn(answer.json()["request_id"], str(log.output))
                self.assertNotRegex(str(log.output), "ofTheCaller|ofThisServer")

    def test_a_callers_address_is_never_what_anybody_can_send(self) -> None:
        for proxies, sent, want in (
                (0, "203.0.113.9", "127.0.0.1"), (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"), (2, "203.0.113.9", None),
                (2, "203.0.113.9, 10.0.0.1", "203.0.113.9"), (1, "999.1.1.1", None), (1, "::ffff:203.0.113.9", "203.0.113.9")):
            self.guarded(trusted_proxies=proxies).get("/x", headers={"X-Forwarded-For": sent})
            self.assertEqual(self.latchkey.asked[-1].get("address"), want, sent)

    def test_a_configuration_that_could_send_the_key_elsewhere_is_refused(self) -> None:
        for url, key in (("http://latchkey.example.com", OWN), ("https://u:p@example.com", OWN), ("https://example.com", "a b"), ("", OWN)):
            with self.assertRaises(ValueError) as refused:
                wsgi.Settings(url=url, key=key)
            self.assertNotIn(OWN, str(refused.exception))
        self.assertNotIn(OWN, repr(self.settings()))
        for needs in ("", [], [""]):
            with self.assertRaises(ValueError):
                Checker(self.settings(), needs)
        with self.assertRaises(RuntimeError):
            wsgi.caller({})


if __name__ == "__main__":
    unittest.main()
