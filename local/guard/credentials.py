"""Makes one credential of each kind at a running Latchkey, by its API, as anybody would: good ones, and ones that are refused.

They are new with each start: a key that is always the same is a leaked key as soon as somebody commits it.
"""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from console import Failure

USER_EMAIL = "user@example.com"
LIFE = 5  # seconds of those that shall have expired


def make(url: str, admin_email: str, admin_password: str) -> dict[str, str]:
    """Returns the variables of the env file, without LATCHKEY_ before their names. Takes some seconds: two must expire."""
    api = _Api(url)
    admin = api.login(admin_email, admin_password)
    password = f"local-{uuid.uuid4()}"
    api.call("POST", "/v1/auth/register", {"email": USER_EMAIL, "password": password, "role": "member"}, admin)
    user = api.login(USER_EMAIL, password)
    soon = time.time() + LIFE
    short = api.key(user, name="expired", expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(soon)))
    expired_token = api.token_of(short)
    made = {
        "ADMIN_EMAIL": admin_email, "ADMIN_PASSWORD": admin_password, "ADMIN_TOKEN": admin,
        "USER_EMAIL": USER_EMAIL, "USER_PASSWORD": password, "USER_TOKEN": user,
        "KEY": api.key(user, name="scoped")["key"],
        "SECRET_KEY": api.key(user, name="secret", type="secret")["key"],
        "CLIENT_KEY": api.key(user, name="client", type="client")["key"],
        "READ_ONLY_KEY": api.key(user, name="read-only", type="read_only")["key"],
        "EXPIRED_KEY": short["key"],
        "EXPIRED_TOKEN": expired_token,
        "REVOKED_KEY": api.revoked(user),
    }
    time.sleep(max(0, max(soon, _expiry(expired_token)) + 1 - time.time()))
    return made


class _Api:
    def __init__(self, url: str):
        self.url = url

    def login(self, email: str, password: str) -> str:
        return self.call("POST", "/v1/auth/login", {"email": email, "password": password})["token"]

    def key(self, token: str, **body) -> dict:
        return self.call("POST", "/v1/api-keys", body, token)

    def revoked(self, token: str) -> str:
        made = self.key(token, name="revoked")
        self.call("PUT", f"/api/v1/auth/api-keys/{made['id']}/revoke", {}, token)
        return made["key"]

    def token_of(self, key: dict) -> str:
        """A token from client credentials lives no longer than the key."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": key["id"], "client_secret": key["key"]}).encode()
        return self._send("POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})["access_token"]

    def call(self, method: str, path: str, body: dict, token: str = "") -> dict:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self._send(method, path, json.dumps(body).encode(), headers)

    def _send(self, method: str, path: str, body: bytes, headers: dict) -> dict:
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            reason = f"{error.code} {error.read().decode(errors='replace')}"
        except OSError as error:
            reason = str(error)
        raise Failure(f"making the test credentials failed: {method} {path}: {reason}")


def _expiry(token: str) -> int:
    claims = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
