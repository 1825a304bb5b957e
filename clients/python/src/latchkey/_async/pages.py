"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Generic, TypeVar

Page = TypeVar("Page", bound=Mapping[str, object])
Item = TypeVar("Item")


class Pages(Generic[Page, Item]):
    """Iterate it for every item, from the page that was asked for to the last one; `page()` is only that page."""

    def __init__(self, read: Callable[[str | None], Awaitable[Page]], items: Callable[[Page], list[Item]], cursor: str | None) -> None:
        self._read = read
        self._items = items
        self._cursor = cursor

    async def page(self) -> Page:
        """Its `next_cursor` is the `cursor` of the next page; None at the end."""
        return await self._read(self._cursor)

    async def __aiter__(self) -> AsyncIterator[Item]:
        cursor = self._cursor
        while True:
            page = await self._read(cursor)
            for item in self._items(page):
                yield item
            following = page["next_cursor"]
            if not isinstance(following, str):
                return
            cursor = following
