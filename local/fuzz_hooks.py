"""Loaded by schemathesis, which fuzz.py runs: chooses the credential of each request, and checks what the document does not contain.

A user has a session and a key of every type; most requests are theirs. What a request may end (a key, a session, a
token) is made for that request, and a credential that a request ended nevertheless is made again.
"""

import base64
import json
import os
import random
import re

import requests
import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection

URL = os.environ["API_URL"]
# This deployment has no scanner whose signature could open the first, no key pair that the next two could show, and sends no mail.
NOT_HERE = ("/v1/leaks", "/.well-known/jwks.json", "/.well-known/openid-configuration", "/v1/auth/verify", "/v1/auth/verify/resend")
# These need an authenticator, or a factor that one made; tests/e2e has one.
NEEDS_AUTHENTICATOR = ("/v1/auth/login/mfa", "/api/auth/mfa", "/v1/auth/login/passkey", "/api/auth/passkey",
                       "/v1/auth/factors/{id}/confirm", "/v1/auth/factors/{id}")
PASSWORD = "correct horse battery staple"
SECONDS = 30  # the longest time of one request
WELL_FORMED = re.compile("(?P<key>[0-9A-Za-z]{16})|(?P<session>ses_[A-Z2-7]{26})|(?P<run>run_[A-Z2-7]{26})|"
                         "(?P<customer>cus_[A-Z2-7]{26})|(?P<user>usr_[A-Z2-7]{26})")

http = requests.Session()
RESPONSES = http.get(URL + "/openapi.json", timeout=SECONDS).json()["components"]["responses"]
dice = random.Random(1)


def call(method: str, path: str, **options) -> dict:
    answer = http.request(method, URL + path, timeout=SECONDS, **options)
    answer.raise_for_status()
    return answer.json() if answer.content else {}


def basic(key: str) -> str:
    """Basic credentials of a key as an OAuth client. The id stands before the last 36 characters (secret and checksum)."""
    return "Basic " + base64.b64encode(f"{key[-52:-36]}:{key}".encode()).decode()


class Person:
    """The credentials of a person. Each is made when it is first needed, and again after a request has ended it."""

    def __init__(self, email: str, password: str, scopes: list[str]):
        self.login = {"email": email, "password": password}
        self.scopes = scopes
        self.made: dict[str, str] = {}

    def get(self, kind: str) -> str:
        """`kind` is "token" or the type of a key."""
        if kind not in self.made:
            self.made[kind] = self.log_in()["token"] if kind == "token" else self.new_key(kind)["key"]
        return self.made[kind]

    def forget(self, sent: str) -> None:
        self.made = {kind: text for kind, text in self.made.items() if text not in sent}

    def log_in(self, path: str = "/v1/auth/login") -> dict:
        return call("POST", path, json=self.login)

    def ask(self, method: str, path: str, token: str = "", **options) -> dict:
        return call(method, path, headers={"Authorization": f"Bearer {token or self.get('token')}"}, **options)

    def new_key(self, kind: str) -> dict:
        scopes = {"scopes": self.scopes} if kind == "scoped" else {}
        return self.ask("POST", "/v1/api-keys", json={"name": f"fuzz {kind}", "type": kind} | scopes)

    def new_id(self, kind: str) -> str:
        if kind == "key":
            return self.new_key("scoped")["id"]
        if kind == "run":
            return self.ask("POST", "/v1/runs")["id"]
        if kind == "customer":
            return self.ask("POST", "/v1/customers", json={"external_id": f"fuzz {dice.getrandbits(64)}"})["id"]
        if kind == "user":  # nobody's but the administrators'
            somebody = {"email": f"somebody.{dice.getrandbits(64)}@example.com", "password": PASSWORD}
            return admin.ask("POST", "/v1/auth/register", json=somebody)["user"]["id"]
        return self.ask("GET", "/v1/auth/me", self.log_in()["token"])["credential"]["id"]

    def new_client_token(self) -> str:
        return call("POST", "/oauth/token", data={"grant_type": "client_credentials"},
                    headers={"Authorization": basic(self.get("scoped"))})["access_token"]


admin = Person(os.environ["ADMIN_EMAIL"], os.environ["ADMIN_PASSWORD"], ["admin"])
# The examples in the document log in as the first one.
user = Person("ada@example.com", PASSWORD, ["read", "write"])
stranger = Person("stranger@example.com", PASSWORD, ["read", "write"])
strangers_ids: set[str] = set()
for person in (user, stranger):
    admin.ask("POST", "/v1/auth/register", json=person.login)


def new_link() -> str:
    """The token of a link by which somebody chooses a password."""
    link = admin.ask("POST", f"/v1/users/{user.new_id('user')}/link", json={"purpose": "reset", "show": True})
    return link["url"].rpartition("=")[2]


@schemathesis.serializer("application/jsonl")
def lines(_context, value) -> bytes:
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """Chooses a credential: mostly one that opens the operation, sometimes another."""

    def get(self, case, _context):
        path = case.operation.path
        if path.startswith("/oauth/"):
            key = user.get("scoped")
            return basic(key if dice.random() < 0.9 else key[:-1] + "-")
        if not case.operation.definition.raw["security"]:
            return None
        if path.endswith("/logout"):
            return f"Bearer {user.log_in()['token']}"
        if case.method == "DELETE" and path == "/v1/auth/sessions" or path == "/v1/auth/password":  # ends the others of whoever asks
            somebody = Person(f"ends.{dice.getrandbits(64)}@example.com", PASSWORD, [])
            admin.ask("POST", "/v1/auth/register", json=somebody.login)
            return f"Bearer {somebody.get('token')}"
        who, kind = admin if path == "/v1/auth/register" or path.startswith("/v1/users") else user, "token"
        if dice.random() < 0.4:
            who, kind = dice.choice([(user, kind) for kind in ("scoped", "secret", "client", "read_only")]
                                    + [(admin, "scoped"), (admin, "token")])
        return f"Bearer {who.get(kind)}"

    def set(self, case, data, _context):
        credential = data.removeprefix("Bearer ")
        is_token = credential.count(".") == 2
        if credential != data and not is_token and dice.random() < 0.5:
            case.headers["X-Api-Key"] = credential
        elif is_token and case.operation.path.endswith("/stream") and dice.random() < 0.5:
            case.query = (case.query or {}) | {"token": credential}
        else:
            case.headers["Authorization"] = data


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Replaces a well-formed id or token by a real one, made for this request. Some of the ids are a stranger's."""
    users = case.operation.path.startswith("/v1/users/{id}")  # the ones that log in here must stay
    if case.operation.path == "/v1/users/{id}/factors":
        admin.ask("POST", "/v1/auth/factors/proof", json={"password": admin.login["password"]})
    if dice.random() < 0.2 and not users:
        return
    if form := WELL_FORMED.fullmatch(str((case.path_parameters or {}).get("id"))):
        who = stranger if dice.random() < 0.2 else user
        case.path_parameters["id"] = made = who.new_id(form.lastgroup)
        if who is stranger:
            strangers_ids.add(made)
    if isinstance(case.body, dict):
        if isinstance(case.body.get("refresh_token"), str):
            case.body["refresh_token"] = user.log_in("/api/auth/login")["refresh_token"]
        if isinstance(case.body.get("current_password"), str):
            case.body["current_password"] = PASSWORD
        if isinstance(case.body.get("token"), str):
            case.body["token"] = new_link() if case.operation.path.endswith("/reset") else user.new_client_token()
        if users and WELL_FORMED.fullmatch(str(case.body.get("to"))):
            case.body["to"] = user.new_id("user")


@schemathesis.hook
def after_call(_context, _case, response):
    """Forgets a good credential that is refused: an earlier request has ended it."""
    if response.status_code == 401:
        for who in (admin, user):
            who.forget(f"{response.request.headers} {response.request.url}")


def administrator(headers) -> bool:
    """Whether a request is that of an administrator's session, to which everything exists."""
    claims = re.fullmatch(r"Bearer [\w-]+\.([\w-]+)\.[\w-]+", headers.get("Authorization", ""))
    return bool(claims) and json.loads(base64.urlsafe_b64decode(claims[1] + "==")).get("role") == "admin"


@schemathesis.check
def strangers_things_do_not_exist(_context, response, case):
    preflight = case.method == "OPTIONS"  # the gateway answers it without a look at what the path names
    theirs = (case.path_parameters or {}).get("id") in strangers_ids
    if theirs and response.status_code < 400 and not preflight and not administrator(response.request.headers):
        raise AssertionError("somebody else's resource was shown or changed")


@schemathesis.check
def bad_data_is_refused(context, response, case):
    """An import answers each line by itself: for it, 200 with a refused line is a refusal."""
    try:
        return negative_data_rejection(context, response, case)
    except AssertionError:
        if not case.operation.path.endswith("/import") or response.json()["refused"] == 0:
            raise


def resolved(response: dict) -> dict:
    return RESPONSES[response["$ref"].rsplit("/", 1)[-1]] if "$ref" in response else response


@schemathesis.check
def codes_have_examples(_context, response, case):
    """An answer's examples show each code that it may have; its schema is the one of all errors, so that clients have one type."""
    described = case.operation.definition.raw["responses"].get(str(response.status_code))
    if response.status_code < 400 or described is None:
        return
    problem = response.json()
    code = problem.get("error_code", problem.get("error"))
    examples = [example["value"] for media in resolved(described)["content"].values() for example in media["examples"].values()]
    if code not in [example.get("error_code", example.get("error")) for example in examples]:
        raise AssertionError(f"{code} is not among the examples of this {response.status_code}")
    if problem.get("status", response.status_code) != response.status_code or problem.get("ok"):
        raise AssertionError(f"the body does not say what the status says: {problem}")


@schemathesis.check
class EveryOperationSucceedsOnce:
    """An operation that was refused every time was not tested."""

    def __init__(self):
        self.tried, self.succeeded = set(), set()

    def after_response(self, _context, response, case):
        if case.method.upper() != case.operation.method.upper() or case.operation.path in NOT_HERE + NEEDS_AUTHENTICATOR:
            return
        self.tried.add(case.operation.label)
        if response.status_code < 300:
            self.succeeded.add(case.operation.label)

    def after_run(self, _context):
        if never := self.tried - self.succeeded:
            raise AssertionError("never answered with success: " + ", ".join(sorted(never)))
