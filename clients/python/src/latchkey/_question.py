"""What Latchkey is asked about a request: its one key, what it needs, and from where it came."""

import hashlib
import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import _refusal
from ._refusal import Refusal
from ._settings import Settings

Need = str | Sequence[str]
"""A scope or several, all of which the key must hold, or one of the words "by_path", "any_key" and "public"."""
Needs = Need | Callable[[str, str], Need]
"""A need, or a function of method and path that returns it."""

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_LONGEST_KEY = 4096
_LONGEST_PATH = 2048


@dataclass(frozen=True)
class Question:
    body: dict[str, object]

    @property
    def text(self) -> bytes:
        return json.dumps(self.body).encode()

    @property
    def name(self) -> bytes:
        return hashlib.sha256(self.text).digest()


@dataclass(frozen=True)
class Request:
    """The part of a request that is looked at. Headers that came several times have several values."""

    method: str
    path: str
    authorization: list[str]
    api_key: list[str]
    forwarded_for: list[str]
    peer: str


def check_needs(needs: Needs) -> None:
    if not callable(needs):
        _scopes(needs)


def question(request: Request, needs: Needs, settings: Settings) -> Question | Refusal | None:
    """None: the request needs no key."""
    need = needs(request.method, request.path) if callable(needs) else needs
    if need == "public":
        return None
    key = _credential(request)
    if isinstance(key, Refusal):
        return key
    if request.method not in _METHODS:
        return _refusal.forbidden("This method cannot be checked")
    body: dict[str, object] = {"key": key, "method": request.method}
    if need == "by_path":
        if not request.path.startswith("/") or len(request.path.encode(errors="replace")) > _LONGEST_PATH:
            return _refusal.forbidden("This path cannot be checked")
        body["path"] = request.path
    elif need != "any_key":
        body["scopes"] = _scopes(need)
    if address := _address(request, settings.trusted_proxies):
        body["address"] = address
    if settings.api:
        body["api"] = settings.api
    return Question(body)


def _scopes(need: Need) -> list[str]:
    scopes = [need] if isinstance(need, str) else list(need)
    if not scopes or not all(scopes):
        raise ValueError('name the scopes that a request needs, or "by_path", "any_key" or "public"')
    return scopes


def _credential(request: Request) -> str | Refusal:
    """Read as Latchkey's authorizer reads it: an Authorization without a token is a wrong credential, not an absent one."""
    found = set()
    for text in request.authorization:
        if not (text := text.strip()):
            continue
        scheme, _, token = text.partition(" ")
        if scheme.lower() != "bearer":
            return _refusal.invalid_token("Authorization must be of the Bearer scheme")
        if not (token := token.strip()):
            return _refusal.invalid_token("Authorization has no token")
        found.add(token)
    found |= {text.strip() for text in request.api_key if text.strip()}
    if len(found) > 1:
        return _refusal.multiple_credentials()
    for key in found:
        return key if len(key) <= _LONGEST_KEY else _refusal.invalid_key()
    return _refusal.missing_credentials()


def _address(request: Request, proxies: int) -> str:
    """Empty if it is not known: then a key that is bound to addresses is refused."""
    text = request.peer
    if proxies:
        hops = ",".join(request.forwarded_for).split(",")
        if len(hops) < proxies:
            return ""
        text = hops[-proxies].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
