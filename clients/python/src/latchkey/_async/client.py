from __future__ import annotations

import httpx
from typing_extensions import Self

from .._call import Call
from .._login import Login, Refresh
from ..types import Introspection, Me, Usage, UsageRow
from .account import Account
from .api import Api
from .credential import Fixed, Renewed
from .customers import Customers
from .factors import Factors
from .flow import OnTokens
from .keys import Keys
from .pages import Pages
from .projects import Projects
from .runs import Runs, events_path
from .sessions import Sessions
from .transport import Transport
from .users import Users


class AsyncClient:
    """A client of one deployment, for an event loop.

    `credential` is an API key or a JWT, or the Login or Refresh to get one with. `on_tokens` is called with each new pair of tokens,
    so that you can keep the refresh token. A request is sent at most `attempts` times, for `timeout` seconds each. `http` is used
    instead of a client of its own, for proxies and the like.
    """

    def __init__(self, url: str, credential: str | Login | Refresh, *, on_tokens: OnTokens | None = None, attempts: int = 6,
                 timeout: float = 30.0, http: httpx.AsyncClient | None = None) -> None:
        self._transport = Transport(url, attempts, timeout, http)
        self._credential: Fixed | Renewed = (
            Fixed(credential) if isinstance(credential, str) else Renewed(self._transport, credential, on_tokens))
        api = self._api = Api(self._transport, self._credential)
        self.keys = Keys(api)
        self.customers = Customers(api)
        self.projects = Projects(api)
        self.runs = Runs(api)
        self.sessions = Sessions(api)
        self.users = Users(api)
        self.account = Account(api)
        self.factors = Factors(api)

    async def me(self) -> Me:
        """The user and the credential of this client."""
        return await self._api.send(Call[Me]("GET", "/v1/auth/me"))

    def usage(self, *, since: str | None = None, until: str | None = None, by: str | None = None, group: str | None = None,
              project_id: str | None = None, customer_id: str | None = None, key_id: str | None = None, route: str | None = None,
              outcome: str | None = None, cursor: str | None = None, limit: int | None = None) -> Pages[Usage, UsageRow]:
        """How often keys were used, by the "hour" or "day": of the caller's project, or of what is named.

        `since` and `until` are dates, or times where an hour or day begins in UTC; `until` does not count. Iterate it for every row;
        `page()` has the totals too. A key needs the scope `read:usage`.
        """
        return self._api.pages(
            "/v1/usage", lambda page: page["usage"], cursor, limit, None, **{"from": since}, to=until, by=by, group=group,
            project_id=project_id, customer_id=customer_id, key_id=key_id, route=route, outcome=outcome)

    async def introspect(self, token: str, *, hint: str | None = None, client: tuple[str, str] | None = None) -> Introspection:
        """Reports whether a key or a token of the same project is good, and for what (RFC 7662).

        The request is made as an OAuth client: with this client's API key, or with the id and secret of another as `client`. Without
        the `hint` "refresh_token" no refresh token is active.
        """
        id, secret = client or self._key_as_client()
        form = {"token": token, "client_id": id, "client_secret": secret, **({"token_type_hint": hint} if hint else {})}
        return await self._api.send_open(Call[Introspection]("POST", "/oauth/introspect", form=form, repeatable=True))

    def run_events_url(self, id: str, token: str | None = None, *, cursor: str | None = None) -> str:
        """The address of a run's events with a token in it, for programs that cannot send a header.

        Best give a ticket (`runs.ticket`), which is good for a minute and only for this run, else a JWT; without one the client's own
        token is used. Whoever has the address has the token until it expires: do not log it, and prefer `runs.follow`.
        """
        token = token or self._credential.token
        if token is None:
            raise ValueError("there is no token yet: sign_in() first; an API key is never part of an address, and runs.follow takes one")
        if token.count(".") != 2:
            raise ValueError("the token of an address is a ticket or a JWT; an API key is never part of one")
        return self._transport.address(events_path(id), {"token": token, "cursor": cursor})

    async def sign_in(self) -> None:
        """Gets a token now, or a new one if it is about to expire. Every request does that by itself."""
        await self._credential.headers()

    async def sign_out(self) -> None:
        """Ends the session of the token on the server, and all tokens with it."""
        await self._api.send(Call[None]("POST", "/api/auth/logout"))

    async def aclose(self) -> None:
        """Closes the connections. The session goes on: `sign_out` ends it."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _key_as_client(self) -> tuple[str, str]:
        if not isinstance(self._credential, Fixed) or self._credential.token:
            raise ValueError("introspect needs a client with an API key, or the parameter client")
        return self._credential.text[-52:-36], self._credential.text  # the id stands before 30 characters of secret and 6 of checksum
