"""Whose key came with a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KEY = "latchkey.caller"
"""Under this a guarded request's scope or environ has its Caller."""


@dataclass(frozen=True)
class Caller:
    """Whose key it is. It does not have the key."""

    key_id: str
    label: str
    type: str
    """scoped, secret, client or read_only"""
    owner_id: str
    """The user whose key it is."""
    project_id: str
    customer_id: str | None
    """None: the key was made for no customer."""
    scopes: tuple[str, ...]
    metadata: dict[str, str] = field(hash=False)
    expires_at: datetime | None

    def has(self, scope: str) -> bool:
        """Reports whether the key holds the scope, spelled as action:resource, or is an administrator's."""
        return scope in self.scopes or "admin" in self.scopes


def caller_in(request: Mapping[str, Any]) -> Caller:
    """The Caller in a scope or environ. One that no Guard let through is a RuntimeError."""
    found = request.get(KEY)
    if not isinstance(found, Caller):
        raise RuntimeError("latchkey: no Guard let this request through")
    return found
