"""Whose key came with a request."""

from dataclasses import dataclass, field
from datetime import datetime


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
