# Made by generate.py. Do not edit it.

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any, TypedDict
from urllib.parse import parse_qs

from typing_extensions import Unpack

from .._call import Call, segment
from ..types import AddEvents, AppendedEvents, EventPage, Run, StartedRun, Ticket
from .api import Noun
from .events import RunEvents
from .flow import sleep
from .pages import Pages


class RunPage(TypedDict):
    runs: list[Run]
    next_cursor: str | None


class Runs(Noun):
    def start(self, *, project_id: str | None = None) -> StartedRun:
        return self._api.send(Call[StartedRun]("POST", "/v1/runs", json={"project_id": project_id} if project_id else {}))

    def list(self, *, project: str | None = None, cursor: str | None = None, limit: int | None = None) -> Pages[RunPage, Run]:
        """Newest first: the runs of the key's project, of all the user's projects, or of `project`."""
        return self._api.pages("/v1/runs", lambda page: page["runs"], cursor, limit, _page, project=project)

    def get(self, id: str) -> Run:
        return self._api.send(Call[Run]("GET", _path(id)))

    def wait(self, id: str, *, interval: float = 1.0, timeout: float = 600.0) -> Run:
        """The run when it has ended, or as it is after `timeout` seconds. `follow` is as fast, and gives the events too."""
        until = time.monotonic() + timeout
        while True:
            run = self.get(id)
            pause = max(0.25, interval)
            if run["status"] != "running" or time.monotonic() + pause > until:
                return run
            sleep(pause)

    def append(self, id: str, /, *, idempotency_key: str | None = None, **events: Unpack[AddEvents]) -> AppendedEvents:
        """Appends once, even if an answer is lost: each call has an Idempotency-Key, its own or yours."""
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return self._api.send(Call[AppendedEvents]("POST", f"{_path(id)}/events", json=events, headers=headers, repeatable=True))

    def events(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> EventPage:
        """One page; `follow` gives all."""
        return self._api.send(Call[EventPage]("GET", events_path(id), query={"cursor": cursor, "limit": limit}))

    def follow(self, id: str, *, cursor: str | None = None, after: int = 0) -> RunEvents:
        """The events from the run's start, or from `cursor`, until it ends. None of a `seq` up to `after` is given."""
        segment(id)  # a wrong id fails here rather than in the iteration

        def poll(cursor: str | None) -> EventPage:
            return self.events(id, cursor=cursor)

        return RunEvents(poll, cursor, after)

    def ticket(self, id: str) -> Ticket:
        """A token for an address (`run_events_url`). It opens only the events of this run, for a minute, so a second one does no harm."""
        return self._api.send(Call[Ticket]("POST", f"{_path(id)}/ticket", repeatable=True))


def events_path(id: str) -> str:
    return f"{_path(id)}/events/stream"


def _path(id: str) -> str:
    return f"/v1/runs/{segment(id)}"


def _page(runs: Any, headers: Mapping[str, str]) -> RunPage:
    """The cursor is in `Link: <?cursor=…>; rel="next"`."""
    link = re.fullmatch(r'<\?([^>]*)>; rel="next"', headers.get("Link", ""))
    return {"runs": runs, "next_cursor": parse_qs(link.group(1)).get("cursor", [None])[0] if link else None}
