# Made by generate.py. Do not edit it.

from __future__ import annotations

from .._call import Call
from ..types import AccountEntry, AccountLog, Done
from .api import Noun
from .pages import Pages


class Account(Noun):
    """The caller's own account. The methods need a user's token, but for those that say otherwise."""

    def log(self, *, cursor: str | None = None, limit: int | None = None) -> Pages[AccountLog, AccountEntry]:
        """What happened to it, newest first: sign-ins, refusals, changes."""
        return self._api.pages("/v1/auth/log", lambda page: page["entries"], cursor, limit)

    def change_password(self, current: str, password: str) -> None:
        """Ends the caller's other sessions. A wrong current password is an InvalidRequestError."""
        self._api.send(Call[None]("POST", "/v1/auth/password", json={"current_password": current, "password": password}))

    def forgot_password(self, email: str) -> None:
        """Sends a link to the address, if somebody has it: nothing tells. It is sent without a credential."""
        self._api.send_open(Call[Done]("POST", "/v1/auth/password/forgot", json={"email": email}))

    def reset_password(self, token: str, password: str) -> None:
        """Sets the password by the token of a link, and ends every session. It is sent without a credential."""
        self._api.send_open(Call[None]("POST", "/v1/auth/password/reset", json={"token": token, "password": password}))

    def send_verification(self) -> None:
        """Sends a link to the caller's address."""
        self._api.send(Call[None]("POST", "/v1/auth/verify/resend"))

    def verify_address(self, token: str) -> None:
        """Shows, by the token of that link, that its receiver has the address. It is sent without a credential."""
        self._api.send_open(Call[None]("POST", "/v1/auth/verify", json={"token": token}))
