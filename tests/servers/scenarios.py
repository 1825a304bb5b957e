"""What every middleware promises, asked of each framework at the same time: a line for each promise, with ok or FAIL.

The arguments are commands that serve a small API in several frameworks, each on a port of its own, and print "name address".
They reach Latchkey through a proxy that counts their questions by key, and loses or changes answers.
"""

import http.client
import json
import os
import shlex
import subprocess
import sys
import threading
import traceback
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

API_URL = os.environ["API_URL"]
SLOW = 30


class Proxy(ThreadingHTTPServer):
    """In front of Latchkey. `fates` says what becomes of the next questions about a key."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Passing)
        self.questions, self.fates, self.connections = [], {}, 0
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def asked(self, key: str) -> list[dict]:
        return [question for question in self.questions if question["key"] == key]

    def asked_about_no_key(self) -> list[dict]:
        return [question for question in self.questions if question["key"] in ("one", "another", "", "YTpi")]


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        self.server.connections += 1
        super().setup()

    def do_POST(self):  # noqa: N802
        text = self.rfile.read(int(self.headers["Content-Length"]))
        question = json.loads(text)
        self.server.questions.append(question)
        fate = self.server.fates.get(question["key"])
        if fate == "hang":
            self.server.ended.wait(SLOW)
        status, body = fate if isinstance(fate, tuple) else _forward(self.path, dict(self.headers), text)
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked waited no longer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def _forward(path: str, headers: dict, text: bytes) -> tuple[int, bytes]:
    kept = {name: value for name, value in headers.items() if name.lower() in ("authorization", "x-api-key", "content-type")}
    try:
        with urllib.request.urlopen(urllib.request.Request(API_URL + path, text, kept, method="POST"), timeout=SLOW) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


class Latchkey:
    """The administrator."""

    def __init__(self):
        who = {"email": os.environ["ADMIN_EMAIL"], "password": os.environ["ADMIN_PASSWORD"]}
        self.token = ""
        self.token = self.send("POST", "/v1/auth/login", who)["token"]

    def send(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(API_URL + path, json.dumps(body).encode() if body is not None else None, headers, method=method)
        with urllib.request.urlopen(request, timeout=SLOW) as answer:
            return json.loads(answer.read() or "{}")

    def key(self, *scopes: str, **fields) -> dict:
        return self.send("POST", "/v1/api-keys", {"label": "of a server", "scopes": scopes, **fields})


class Answer:
    def __init__(self, answer: http.client.HTTPResponse):
        self.status, self.headers, self.text = answer.status, answer.headers, answer.read()

    @property
    def json(self) -> dict:
        return json.loads(self.text)

    def is_refusal(self, status: int, code: str) -> None:
        same(f"{status} {code}", f"{self.status} {self.json['error_code']}")
        same(status, self.json["status"])
        same("application/problem+json", self.headers["Content-Type"].split(";")[0])
        assert self.json["request_id"], "no request id"


def same(want, got) -> None:
    assert want == got, f"it is {got!r}, want {want!r}"


class Server:
    """One framework, and the keys of its callers."""

    def __init__(self, name: str, url: str, proxy: Proxy, latchkey: Latchkey):
        self.name, self.proxy, self.latchkey = name, proxy, latchkey
        self.at = urlsplit(url).netloc
        self.reader = latchkey.key("read:stats", metadata={"plan": "pro"}, rate_limit={"read": 100})
        self.bound = latchkey.key("read:stats", allowed_ips=["203.0.113.9"])
        self.limited = latchkey.key("read:stats", rate_limit={"read": 2})

    def send(self, method: str, path: str, *headers: tuple[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.at, timeout=SLOW)
        connection.putrequest(method, path)
        for name, value in headers:
            connection.putheader(name, value)
        if method == "POST":
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        try:
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, key: dict, *headers: tuple[str, str]) -> Answer:
        return self.send("GET", path, ("X-Api-Key", key["key"]), *headers)

    def good_key_is_let_in_with_one_question_and_the_handler_learns_whose_it_is(self):
        before = len(self.proxy.asked(self.reader["key"]))
        answer = self.send("GET", "/api/stats", ("authorization", f"bearer {self.reader['key']}"), ("x-api-key", self.reader["key"]))
        same(200, answer.status)
        same({"key_id": self.reader["id"], "label": "of a server", "scopes": ["read:stats"], "metadata": {"plan": "pro"}},
             {name: value for name, value in answer.json.items() if name != "project_id"})
        assert answer.json["project_id"].startswith("prj_"), answer.text
        same(["100", "99"], [answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")])
        assert answer.headers["RateLimit"].startswith('"read";r=99;t='), answer.headers["RateLimit"]
        same('"read";q=100;w=60', answer.headers["RateLimit-Policy"])
        same(1, len(self.proxy.asked(self.reader["key"])) - before)
        asked = self.proxy.asked(self.reader["key"])[-1]
        same(("GET", "/api/stats", "127.0.0.1"), (asked["method"], asked["path"], asked.get("address") or "127.0.0.1"))

    def what_the_scopes_do_not_open_is_refused(self):
        for answer in (self.send("POST", "/api/stats", ("X-Api-Key", self.reader["key"])), self.get("/scoped", self.reader)):
            answer.is_refusal(403, "INSUFFICIENT_SCOPE")
            same('Bearer realm="latchkey", error="insufficient_scope"', answer.headers["WWW-Authenticate"])
            assert answer.headers["X-RateLimit-Remaining"], "no limit"

    def without_exactly_one_credential_nothing_is_asked(self):
        before = len(self.proxy.asked_about_no_key())
        missing = self.send("GET", "/api/stats")
        missing.is_refusal(401, "MISSING_CREDENTIALS")
        same('Bearer realm="latchkey"', missing.headers["WWW-Authenticate"])
        head = self.send("HEAD", "/api/stats")
        same((401, b""), (head.status, head.text))
        self.send("GET", "/api/stats", ("Authorization", "Bearer one"), ("X-Api-Key", "another")).is_refusal(400, "MULTIPLE_CREDENTIALS")
        self.send("GET", "/api/stats", ("X-Api-Key", "one"), ("X-Api-Key", "another")).is_refusal(400, "MULTIPLE_CREDENTIALS")
        empty = self.send("GET", "/api/stats", ("Authorization", "Bearer "))
        empty.is_refusal(401, "TOKEN_INVALID")
        assert 'error="invalid_token"' in empty.headers["WWW-Authenticate"], empty.headers["WWW-Authenticate"]
        self.send("GET", "/api/stats", ("Authorization", "Basic YTpi")).is_refusal(401, "TOKEN_INVALID")
        same(before, len(self.proxy.asked_about_no_key()))

    def what_is_no_key_is_refused(self):
        for text in ("gf_mistyped", "eyJ.eyJ.sig"):
            answer = self.send("GET", "/api/stats", ("Authorization", f"Bearer {text}"))
            answer.is_refusal(401, "API_KEY_INVALID")
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"], answer.headers["WWW-Authenticate"]

    def address_is_that_of_the_connection_or_of_the_proxies_that_the_operator_counted(self):
        same(200, self.get("/api/stats", self.bound, ("X-Forwarded-For", "1.1.1.1, 203.0.113.9")).status)
        self.get("/api/stats", self.bound, ("X-Forwarded-For", "203.0.113.9, 127.0.0.1")).is_refusal(403, "FORBIDDEN")
        self.get("/cached", self.bound, ("X-Forwarded-For", "203.0.113.9")).is_refusal(403, "FORBIDDEN")

    def path_that_can_be_read_in_two_ways_opens_nothing(self):
        answer = self.get("/api/stats/..%2f..%2fscoped", self.reader)
        assert answer.status in (403, 404), answer.status
        same(None, answer.headers["Location"])

    def limit_is_told_with_the_time_to_wait(self):
        answers = [self.get("/api/stats", self.limited) for _ in range(5)]  # of two windows at most
        over = next(answer for answer in answers if answer.status == 429)
        over.is_refusal(429, "RATE_LIMIT_EXCEEDED")
        assert 1 <= int(over.headers["Retry-After"]) <= 60, over.headers["Retry-After"]
        same(["2", "0"], [over.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")])

    def quota_that_is_used_up_is_told_with_the_end_of_its_period(self):
        key = self.latchkey.key("read:stats", quota={"limit": 1, "period": "month"})
        first = self.get("/api/stats", key)
        same(200, first.status)
        assert '"quota";r=0;t=' in first.headers["RateLimit"], first.headers["RateLimit"]
        over = self.get("/api/stats", key)
        over.is_refusal(429, "QUOTA_EXCEEDED")
        assert 1 <= int(over.headers["Retry-After"]) <= 31 * 24 * 3600, over.headers["Retry-After"]

    def key_that_could_not_be_checked_is_not_let_in_and_asked_about_once(self):
        key, fates = self.reader["key"], self.proxy.fates
        wrong = {"fault": (500, b"{}"), "no JSON": (200, b"<html>"), "another program": (200, b'{"valid":true}'),
                 "its own key": (401, b'{"error_code":"API_KEY_REVOKED"}'), "may not verify": (403, b'{"error_code":"INSUFFICIENT_SCOPE"}')}
        for name, fate in wrong.items():
            before = len(self.proxy.asked(key))
            fates[key] = fate
            answer = self.get("/api/stats", self.reader)
            assert answer.status == 503, f"{name}: {answer.status}"
            answer.is_refusal(503, "SERVICE_UNAVAILABLE")
            assert "detail" not in answer.json, answer.text
            same("1", answer.headers["Retry-After"])
            same(1, len(self.proxy.asked(key)) - before)
        del fates[key]
        same(200, self.get("/api/stats", self.reader).status)

    def key_about_which_nothing_is_answered_is_not_let_in_either(self):
        before = len(self.proxy.asked(self.bound["key"]))
        self.proxy.fates[self.bound["key"]] = "hang"
        self.get("/api/stats", self.bound).is_refusal(503, "SERVICE_UNAVAILABLE")
        same(1, len(self.proxy.asked(self.bound["key"])) - before)

    def revoked_key_is_refused_on_the_next_request_and_with_the_cache_within_its_time(self):
        before = len(self.proxy.asked(self.reader["key"]))
        same([200, 200, 200], [self.get("/cached", self.reader).status for _ in range(3)])
        same(1, len(self.proxy.asked(self.reader["key"])) - before)
        same(200, self.get("/api/stats", self.reader).status)
        self.latchkey.send("PUT", f"/api/v1/auth/api-keys/{self.reader['id']}/revoke", {})
        answer = self.get("/api/stats", self.reader)
        answer.is_refusal(401, "API_KEY_REVOKED")
        assert "revoked" in answer.headers["WWW-Authenticate"], answer.headers["WWW-Authenticate"]
        same(200, self.get("/cached", self.reader).status)


WAITS = Server.key_about_which_nothing_is_answered_is_not_let_in_either  # in all servers at once: it costs nothing but time
PROMISES = [value for name, value in vars(Server).items() if callable(value) and "_" in name.strip("_") and value is not WAITS]
AT_ONCE = 3


def served(commands: list[str], environment: dict[str, str]):
    """Starts the programs. Returns them, and the name and address of each framework."""
    programs = [subprocess.Popen(shlex.split(command), env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE) for command in commands]
    found = []
    for program in programs:
        while (line := program.stdout.readline().split()) and line[0] != "ready":
            found.append(line)
        assert line, f"{program.args} ended: {program.stderr.read()}"
    return programs, found


def kept(server: Server, promise) -> bool:
    wrong = ""
    try:
        promise(server)
    except Exception as error:
        wrong = f"  {type(error).__name__}: {error}\n{traceback.format_exc(limit=3)}"
    said = f"{'FAIL' if wrong else 'ok  '}  {server.name}: {promise.__name__.replace('_', ' ')}{wrong}\n"
    sys.stdout.write(said)  # at once, as others write too
    sys.stdout.flush()
    return not wrong


def main() -> None:
    proxy, latchkey = Proxy(), Latchkey()
    own = latchkey.key("verify:keys", rate_limit={"read": 10_000})
    environment = os.environ | {"LATCHKEY_URL": f"http://127.0.0.1:{proxy.server_port}", "LATCHKEY_VERIFYING_KEY": own["key"]}
    programs, found = served(sys.argv[1:], environment)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            all_servers = list(pool.map(lambda one: Server(*one, proxy, latchkey), found))
            results = list(pool.map(lambda server: [kept(server, promise) for promise in PROMISES], all_servers))
        with ThreadPoolExecutor(len(found)) as pool:
            results.append(list(pool.map(lambda server: kept(server, WAITS), all_servers)))
    finally:
        proxy.ended.set()
        for program in programs:
            program.stdin.close()
        logged = "".join(program.stderr.read() for program in programs)
        for program in programs:
            program.wait(timeout=10)
    secrets = {question["key"] for question in proxy.questions if len(question["key"]) > 40} | {own["key"]}
    once = proxy.connections < len(proxy.questions) / 2
    quiet = not any(secret in logged for secret in secrets)
    told = logged.count("could not check a key") >= 6 * len(found)
    print(f"{'ok  ' if once else 'FAIL'}  {proxy.connections} connections for {len(proxy.questions)} questions")
    print(f"{'ok  ' if told and quiet else 'FAIL'}  each failed check is in the servers' logs, and no key is")
    sys.exit(0 if all(map(all, results)) and once and told and quiet else 1)


if __name__ == "__main__":
    main()
