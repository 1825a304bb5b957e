# Made by generate.py. Do not edit it.

"""The events of a run, as they come."""

from __future__ import annotations

from collections.abc import Iterator, Callable

from ..types import Event, EventPage, RunStatus
from .flow import sleep


class RunEvents:
    """Iterate it for each event, until the run ends: no event comes twice and none is left out.

    After an error or a `break`, iterate it again: it goes on where it stopped. To go on in another process, keep `cursor` and `seq`.
    """

    def __init__(self, poll: Callable[[str | None], EventPage], cursor: str | None, after: int) -> None:
        self._poll = poll
        self.status: RunStatus = "running"
        """Of the run, in the last answer."""
        self.cursor = cursor
        """After the last whole page."""
        self.seq = after
        """Of the last event that was given."""

    def __iter__(self) -> Iterator[Event]:
        while True:
            page = self._poll(self.cursor)
            self.status = page["status"]
            for event in page["events"]:
                if event["seq"] > self.seq:  # else it was given before the iteration stopped
                    self.seq = event["seq"]
                    yield event
            self.cursor = page["cursor"]
            if page["finished"]:
                return
            sleep(page["poll_after_ms"] / 1000)
