"""The events of a run, as they come."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from ..types import Event, EventPage, RunStatus
from .flow import sleep


class RunEvents:
    """Iterate it for each event, until the run ends: no event comes twice and none is left out.

    After an error or a `break`, iterate it again: it goes on where it stopped. To go on in another process, keep `cursor` and `seq`.
    """

    def __init__(self, poll: Callable[[str | None], Awaitable[EventPage]], cursor: str | None, after: int) -> None:
        self._poll = poll
        self.status: RunStatus = "running"
        """Of the run, in the last answer."""
        self.cursor = cursor
        """After the last whole page."""
        self.seq = after
        """Of the last event that was given."""

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            page = await self._poll(self.cursor)
            self.status = page["status"]
            for event in page["events"]:
                if event["seq"] > self.seq:  # else it was given before the iteration stopped
                    self.seq = event["seq"]
                    yield event
            self.cursor = page["cursor"]
            if page["finished"]:
                return
            await sleep(page["poll_after_ms"] / 1000)
