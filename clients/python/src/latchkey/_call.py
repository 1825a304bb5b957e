"""A request to Latchkey, and when it is sent again."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from ._errors import ApiError, LatchkeyError, NotFoundError, RateLimitError

Answer = TypeVar("Answer")

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0
_JITTER = 0.25


@dataclass(frozen=True)
class Call(Generic[Answer]):
    """A request, and the type of its answer."""

    method: str
    path: str
    """Below the address of the deployment, percent-encoded."""
    query: Mapping[str, str | int | None] = field(default_factory=dict[str, "str | int | None"])
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    json: object = field(default=None, repr=False)
    """None: no body."""
    form: Mapping[str, str] | None = field(default=None, repr=False)
    read: Callable[[Any, Mapping[str, str]], Answer] | None = None
    """Makes the answer from the body and the headers. None: the body is it."""
    repeatable: bool | None = None
    """Whether it may be carried out twice. None: unless it is a POST."""
    repeat_until: float = math.inf
    """The time (time.monotonic) after which it is sent again only if the service did nothing."""
    timeout: float | None = None
    """Instead of the client's."""

    @property
    def may_be_done_twice(self) -> bool:
        return self.method != "POST" if self.repeatable is None else self.repeatable


class Attempts:
    """How often a call has been sent."""

    def __init__(self, call: Call[Any], most: int) -> None:
        self._call = call
        self._left = most
        self._wait = 0.0
        self._unknown = False  # an attempt may have been carried out although its answer was lost

    def after(self, error: LatchkeyError) -> float | None:
        """Seconds to wait before it is sent again. None: no more is needed, since it has been done. Else it raises the error.

        After a 429 every call is repeated, because the service did nothing; but not for a quota, which may last a month. After a
        lost answer or a 5xx only one that may be done twice: API Gateway sends a 500 when a function crashed or was throttled.
        """
        self._left -= 1
        if self._unknown and self._call.method == "DELETE" and isinstance(error, NotFoundError):
            return None
        undone = isinstance(error, RateLimitError) and error.code != "QUOTA_EXCEEDED"
        lost = not isinstance(error, ApiError) or error.status >= 500
        if self._left < 1 or not (undone or lost and self._call.may_be_done_twice):
            raise error
        self._unknown = self._unknown or lost
        wait = self._next_wait(error) * (1 + random.random() * _JITTER)
        if not undone and time.monotonic() + wait > self._call.repeat_until:
            raise error
        return wait

    def _next_wait(self, error: LatchkeyError) -> float:
        """The first is Retry-After. It doubles each time up to a minute, and is never less than the latest Retry-After."""
        asked = float(error.retry_after or 0) if isinstance(error, ApiError) else 0.0
        backoff = min(2 * self._wait, _LONGEST_WAIT) if self._wait else 0.0 if asked else _FIRST_WAIT
        self._wait = max(asked, backoff)
        return self._wait


def segment(id: str) -> str:
    """An id as a part of a path. One of only dots would name another path."""
    if not id.strip("."):
        raise ValueError(f"not an id: {id!r}")
    return quote(id, safe="")
