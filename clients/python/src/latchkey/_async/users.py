from __future__ import annotations

from typing_extensions import Unpack

from .._call import Call, segment
from ..types import (
    Account, AccountDetails, AccountEntry, AccountLog, CreateLink, CreateUser, Delivery, HandedOver, RegisteredUser, UserChange, UserPage)
from .api import Noun
from .pages import Pages


class Users(Noun):
    """For administrators who are logged in: the methods need a user's token."""

    def list(self, *, search: str | None = None, cursor: str | None = None, limit: int | None = None) -> Pages[UserPage, Account]:
        """With `search`, those who have it in their e-mail address. A page is in order of the addresses, the pages are in none."""
        return self._api.pages("/v1/users", lambda page: page["users"], cursor, limit, search=search)

    async def get(self, id: str) -> AccountDetails:
        """With the first 50 sessions and keys; `sessions.list` and `keys.list` have all, with `owner`."""
        return await self._api.send(Call[AccountDetails]("GET", _path(id)))

    async def register(self, **user: Unpack[CreateUser]) -> RegisteredUser:
        """Without a `password` the user is invited, and chooses one: by e-mail, or by the `url` of the `invitation`."""
        return await self._api.send(Call[RegisteredUser]("POST", "/v1/auth/register", json=user))

    async def update(self, id: str, /, **change: Unpack[UserChange]) -> Account:
        """Ends every session of the user, and of one who is disabled revokes every key, before it answers."""
        return await self._api.send(Call[Account]("PATCH", _path(id), json=change))

    async def link(self, id: str, /, **link: Unpack[CreateLink]) -> Delivery:
        """An invitation, or a link to choose another password. With `show` it is in the answer also where mail is sent."""
        return await self._api.send(Call[Delivery]("POST", f"{_path(id)}/link", json=link))

    def log(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> Pages[AccountLog, AccountEntry]:
        """What happened to the account, newest first; by id also after it was deleted."""
        return self._api.pages(f"{_path(id)}/log", lambda page: page["entries"], cursor, limit)

    async def hand_over(self, id: str, to: str) -> HandedOver:
        """Gives all projects and keys of the user to another. The keys go on working, all the while."""
        return await self._api.send(Call[HandedOver]("POST", f"{_path(id)}/handover", json={"to": to}, repeatable=True))

    async def remove_factors(self, id: str) -> None:
        """For somebody who lost them all. Needs a fresh `factors.prove` of the administrator."""
        await self._api.send(Call[None]("DELETE", f"{_path(id)}/factors"))

    async def delete(self, id: str) -> None:
        """Deletes the user with their sessions, keys and projects; the logs stay, and name nobody."""
        await self._api.send(Call[None]("DELETE", _path(id)))


def _path(id: str) -> str:
    return f"/v1/users/{segment(id)}"
