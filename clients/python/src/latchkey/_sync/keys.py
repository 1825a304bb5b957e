# Made by generate.py. Do not edit it.

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import Unpack

from .._call import Call, segment
from ..types import AuditEntry, AuditLog, CreateKey, Key, KeyChange, KeyPage, PresentedKey, RevokedKey, Verified, VerifiedKeys
from .api import Noun
from .pages import Pages


class Keys(Noun):
    """`create` needs a user's token or a secret key, the other methods a user's token or a key with the scope admin."""

    def create(self, **key: Unpack[CreateKey]) -> Key:
        """Only this answer has the whole `key`."""
        return self._api.send(Call[Key]("POST", "/v1/api-keys", json=key))

    def list(self, *, owner: str | None = None, customer_id: str | None = None, cursor: str | None = None,
             limit: int | None = None) -> Pages[KeyPage, Key]:
        """Yours, newest first. An administrator who is logged in may name another user as `owner`, or "*" for everybody."""
        return self._api.pages("/api/v1/auth/api-keys", lambda page: page["api_keys"], cursor, limit, owner=owner, customer_id=customer_id)

    def verify(self, *, dry_run: bool = False, **question: Unpack[PresentedKey]) -> Verified:
        """Checks a key that somebody presented to your server, counts it and writes it into its log. Look at `valid`.

        It is not repeated after a lost answer, as it may have been counted: let nobody in who could not be checked. It needs the
        scope verify:keys.
        """
        return self._api.send(Call[Verified]("POST", "/v1/keys/verify", json={**question, "dry_run": dry_run}, repeatable=dry_run))

    def verify_all(self, keys: Sequence[PresentedKey], *, dry_run: bool = False) -> Sequence[Verified]:
        """As `verify`, for up to a hundred keys. The answers are in the order of the questions."""
        asked = {"keys": list(keys), "dry_run": dry_run}
        return (self._api.send(Call[VerifiedKeys]("POST", "/v1/keys/verify", json=asked, repeatable=dry_run)))["results"]

    def update(self, id: str, /, **change: Unpack[KeyChange]) -> Key:
        """Changes what is named, and nothing else; None removes what may be absent."""
        return self._api.send(Call[Key]("PATCH", f"/v1/api-keys/{segment(id)}", json=change))

    def disable(self, id: str) -> Key:
        """Refuses the key, and every token made from it, from the next request on, until it is enabled again."""
        return self.update(id, disabled=True)

    def enable(self, id: str) -> Key:
        return self.update(id, disabled=False)

    def revoke(self, id: str, *, cascade: bool = False) -> RevokedKey:
        """Refuses the key from the next request on, for ever, and with `cascade` every key that came from it."""
        return self._api.send(Call[RevokedKey]("PUT", f"{_path(id)}/revoke", json={"cascade": cascade}))

    def regenerate(self, id: str, *, grace_seconds: int = 0) -> Key:
        """Makes a new secret for the same id. The old one stays good for `grace_seconds`."""
        return self._api.send(Call[Key]("POST", f"{_path(id)}/regenerate", json={"grace_seconds": grace_seconds}))

    def delete(self, id: str, *, cascade: bool = False) -> None:
        """With `cascade` it revokes every key that came from this one, and then deletes this one."""
        self._api.send(Call[None]("DELETE", _path(id), json={"cascade": True} if cascade else None))

    def audit_log(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> Pages[AuditLog, AuditEntry]:
        """Newest first. It works for a deleted key too."""
        return self._api.pages(f"{_path(id)}/audit-log", lambda page: page["entries"], cursor, limit)


def _path(id: str) -> str:
    return f"/api/v1/auth/api-keys/{segment(id)}"
