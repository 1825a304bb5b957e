"""The credential that requests are sent with."""

from __future__ import annotations

import math
import time
from typing import Protocol

from .._call import Call
from .._errors import AuthenticationError, NoAnswerError
from .._login import Login, Refresh
from .._settings import check_credential, credential_header
from ..types import PairLoginAnswer, TokenPair
from .flow import Lock, OnTokens, tell, uninterrupted
from .transport import Transport

# The service answers a repeated refresh with the same pair for 10 s. Later it takes the repetition for theft, and ends the session.
# So a refresh has a short time limit, and is not repeated near those 10 s.
_REPLAY_WINDOW = 8.0
_EARLY = 60.0  # seconds: a token is renewed so long before it expires, but no more than a fifth of its life


class Credential(Protocol):
    async def headers(self) -> dict[str, str]: ...

    def renew(self, refused: dict[str, str], error: AuthenticationError) -> bool:
        """Reports whether to try again, with other headers, after the service refused these."""
        ...


class Fixed:
    """An API key, or a token that cannot be renewed."""

    def __init__(self, text: str) -> None:
        check_credential(text, "the credential")
        self.text = text
        self.token = text if text.count(".") == 2 else None

    async def headers(self) -> dict[str, str]:
        return credential_header(self.text)

    def renew(self, refused: dict[str, str], error: AuthenticationError) -> bool:
        return False


class Renewed:
    """A token, which is renewed before it expires."""

    def __init__(self, transport: Transport, source: Login | Refresh, on_tokens: OnTokens | None) -> None:
        self._transport = transport
        self._login = source if isinstance(source, Login) else None
        self._refresh_token = source.refresh_token if isinstance(source, Refresh) else None
        self._on_tokens = on_tokens
        self._renew_at = math.inf
        self._lock = Lock()
        self.token: str | None = None

    async def headers(self) -> dict[str, str]:
        """Whoever calls meanwhile waits for the same renewal."""
        async with self._lock:
            if self.token is None or time.monotonic() >= self._renew_at:
                pair = await self._new_pair()
                if self._on_tokens:
                    await tell(self._on_tokens, pair)
            return {"Authorization": f"Bearer {self.token}"}

    def renew(self, refused: dict[str, str], error: AuthenticationError) -> bool:
        if error.code not in ("TOKEN_EXPIRED", "TOKEN_INVALID"):
            return False
        if refused["Authorization"] == f"Bearer {self.token}":  # else another request has renewed it
            self.token = None
        return True

    async def _new_pair(self) -> TokenPair:
        if self._refresh_token is not None:
            try:
                return await self._refresh(self._refresh_token)
            except (AuthenticationError, NoAnswerError):
                # A session that has ended and a refresh token that may be used up are useless. A login still works.
                if not self._login:
                    raise
                self._refresh_token = None
        if not self._login:
            raise RuntimeError("there is neither a token nor anything to get one with")
        return await self._log_in(self._login)

    async def _refresh(self, token: str) -> TokenPair:
        began = time.monotonic()
        call = Call[TokenPair]("POST", "/api/auth/refresh", json={"refresh_token": token}, repeatable=True,
                               repeat_until=began + _REPLAY_WINDOW, timeout=_REPLAY_WINDOW / 2)
        with uninterrupted():
            return self._take(began, await self._transport.send(call))

    async def _log_in(self, login: Login) -> TokenPair:
        """It is repeated when its answer is lost: at worst that leaves a session that nobody uses."""
        began = time.monotonic()
        answer = await self._transport.send(Call[PairLoginAnswer](
            "POST", "/api/auth/login", json={"email": login.email, "password": login.password}, repeatable=True))
        # A program has nobody to ask for a code.
        if "mfa_required" in answer:
            raise RuntimeError("the account has a second factor: use an API key, or log in yourself and give the token")
        if "mfa_setup_required" in answer:
            raise RuntimeError("the account must have a second factor first: use an API key, or sign in to the dashboard and add one")
        return self._take(began, answer)

    def _take(self, began: float, pair: TokenPair) -> TokenPair:
        life = pair["expires_in"]
        self.token = pair["access_token"]
        self._renew_at = began + life - min(_EARLY, life / 5)
        self._refresh_token = pair.get("refresh_token")
        return pair
