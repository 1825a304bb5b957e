# Made by generate.py. Do not edit it.

from __future__ import annotations

from .._call import Call, segment
from ..types import Session, SessionPage
from .api import Noun
from .pages import Pages


class Sessions(Noun):
    """The caller's own, or to an administrator anybody's. The methods need a user's token."""

    def list(self, *, owner: str | None = None, cursor: str | None = None, limit: int | None = None) -> Pages[SessionPage, Session]:
        return self._api.pages("/v1/auth/sessions", lambda page: page["sessions"], cursor, limit, owner=owner)

    def end(self, id: str) -> None:
        self._api.send(Call[None]("DELETE", f"/v1/auth/sessions/{segment(id)}"))

    def end_others(self) -> None:
        """Ends all of the caller's but this one."""
        self._api.send(Call[None]("DELETE", "/v1/auth/sessions"))
