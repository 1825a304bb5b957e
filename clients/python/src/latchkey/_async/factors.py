from __future__ import annotations

from typing_extensions import Unpack

from .._call import Call, segment
from ..types import BegunApp, BegunPasskey, ConfirmedFactor, FactorConfirmation, FactorList, NewRecoveryCodes, Proof
from .api import Noun


class Factors(Noun):
    """The caller's own second factors. The methods need a user's token."""

    async def list(self) -> FactorList:
        """With what `prove` takes."""
        return await self._api.send(Call[FactorList]("GET", _PATH))

    async def prove(self, **proof: Unpack[Proof]) -> None:
        """Shows who the caller is, so that this session may change factors for ten minutes."""
        await self._api.send(Call[None]("POST", f"{_PATH}/proof", json=proof))

    async def begin_app(self, name: str | None = None) -> BegunApp:
        """Begins an authenticator app, which counts from `confirm` on. Its `qr` is an SVG image of its `uri`."""
        return await self._api.send(Call[BegunApp]("POST", _PATH, json={"type": "totp", "name": name}))

    async def begin_passkey(self, name: str | None = None) -> BegunPasskey:
        """Begins a passkey, which counts from `confirm` on. Its `public_key` is for navigator.credentials.create()."""
        return await self._api.send(Call[BegunPasskey]("POST", _PATH, json={"type": "passkey", "name": name}))

    async def confirm(self, id: str, /, **answer: Unpack[FactorConfirmation]) -> ConfirmedFactor:
        """The first one comes with `recovery_codes`, which are shown this once."""
        return await self._api.send(Call[ConfirmedFactor]("POST", f"{_PATH}/{segment(id)}/confirm", json=answer))

    async def recovery_codes(self) -> NewRecoveryCodes:
        """New ones, in place of those before."""
        return await self._api.send(Call[NewRecoveryCodes]("POST", _PATH, json={"type": "recovery_codes"}))

    async def remove(self, id: str) -> None:
        await self._api.send(Call[None]("DELETE", f"{_PATH}/{segment(id)}"))


_PATH = "/v1/auth/factors"
