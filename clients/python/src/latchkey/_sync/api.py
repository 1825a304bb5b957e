# Made by generate.py. Do not edit it.

"""How the methods of a noun reach the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .._call import Answer, Call
from .._errors import AuthenticationError
from .credential import Credential
from .pages import Item, Page, Pages
from .transport import Transport


class Api:
    def __init__(self, transport: Transport, credential: Credential) -> None:
        self._transport = transport
        self._credential = credential

    def send(self, call: Call[Answer]) -> Answer:
        """With the client's credential."""
        headers = self._credential.headers()
        try:
            return self._transport.send(replace(call, headers={**call.headers, **headers}))
        except AuthenticationError as error:
            if not self._credential.renew(headers, error):
                raise
        headers = self._credential.headers()  # the authorizer refused the request: nothing was done
        return self._transport.send(replace(call, headers={**call.headers, **headers}))

    def send_open(self, call: Call[Answer]) -> Answer:
        """Without a credential, to a route that is open to everybody."""
        return self._transport.send(call)

    def pages(self, path: str, items: Callable[[Page], list[Item]], cursor: str | None, limit: int | None,
              read: Callable[[Any, Mapping[str, str]], Page] | None = None, **query: str | None) -> Pages[Page, Item]:
        def page(cursor: str | None) -> Page:
            return self.send(Call[Page]("GET", path, query={**query, "cursor": cursor, "limit": limit}, read=read))

        return Pages(page, items, cursor)


class Noun:
    def __init__(self, api: Api) -> None:
        self._api = api
