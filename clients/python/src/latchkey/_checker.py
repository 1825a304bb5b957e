"""Asks Latchkey about requests, once each, from threads or from an event loop."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
import anyio.lowlevel
import httpx

from . import _refusal
from ._answer import Answer, Failure, read
from ._cache import Cache
from ._question import Needs, Question, Request, check_needs, question
from ._refusal import Refusal
from ._settings import Settings, credential_header

log = logging.getLogger("latchkey")

_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=64, keepalive_expiry=30)
_LONGEST_ANSWER = 1 << 20
_Event = TypeVar("_Event")


@dataclass
class _Asked(Generic[_Event]):
    """A question that is being asked. Who asks the same meanwhile waits for its outcome."""

    done: _Event
    outcome: Answer | Failure | None = field(default=None)


class _Checker:
    def __init__(self, settings: Settings | None, needs: Needs) -> None:
        check_needs(needs)
        self.settings = settings or Settings()
        self._needs = needs
        self._url = f"{self.settings.url.rstrip('/')}/v1/keys/verify"
        self._headers = {**credential_header(self.settings.key), "Content-Type": "application/json"}
        self._cache = Cache(self.settings.max_stale, self.settings.cache_size) if self.settings.max_stale else None

    def question(self, request: Request, needs: Needs | None = None) -> Question | Refusal | None:
        return question(request, self._needs if needs is None else needs, self.settings)

    def _conclude(self, outcome: Answer | Failure) -> Answer:
        if isinstance(outcome, Answer):
            return outcome
        refusal = _refusal.unavailable(outcome.retry_after)
        log.error("Latchkey could not check a key: the request is refused: %s (request_id %s)", outcome.why, refusal.request_id)
        return Answer(None, refusal, {}, None, None)


class Checker(_Checker):
    """For threads."""

    def __init__(self, settings: Settings | None, needs: Needs) -> None:
        super().__init__(settings, needs)
        self._client = httpx.Client(timeout=self.settings.timeout, limits=_LIMITS, follow_redirects=False)
        self._lock = threading.Lock()
        self._asked: dict[bytes, _Asked[threading.Event]] = {}

    def check(self, q: Question) -> Answer:
        return self._conclude(self._shared(self._cache, q) if self._cache else self._ask(q))

    def _shared(self, cache: Cache, q: Question) -> Answer | Failure:
        name = q.name
        while True:
            with self._lock:
                if kept := cache.get(name):
                    return kept
                if not (other := self._asked.get(name)):
                    mine = self._asked[name] = _Asked(threading.Event())
                    break
            other.done.wait()
            if other.outcome:
                return other.outcome
        try:
            began = time.time()
            mine.outcome = self._ask(q)
            if isinstance(mine.outcome, Answer):
                cache.put(name, mine.outcome, began)
            return mine.outcome
        finally:
            with self._lock:
                del self._asked[name]
            mine.done.set()

    def _ask(self, q: Question) -> Answer | Failure:
        ends = time.monotonic() + self.settings.timeout
        try:
            with self._client.stream("POST", self._url, content=q.text, headers=self._headers) as answer:
                text = b""
                for part in answer.iter_bytes():
                    text += part
                    if time.monotonic() > ends or len(text) > _LONGEST_ANSWER:
                        return Failure("the answer takes too long")
                return read(answer.status_code, answer.headers, text)
        except httpx.HTTPError as error:
            return Failure(f"no answer: {type(error).__name__} {error}")


class AsyncChecker(_Checker):
    """For an event loop."""

    def __init__(self, settings: Settings | None, needs: Needs) -> None:
        super().__init__(settings, needs)
        self._client: httpx.AsyncClient | None = None
        self._loop: object = None
        self._asked: dict[bytes, _Asked[anyio.Event]] = {}

    async def check(self, q: Question) -> Answer:
        return self._conclude(await (self._shared(self._cache, q) if self._cache else self._ask(q)))

    async def _shared(self, cache: Cache, q: Question) -> Answer | Failure:
        name = q.name
        while True:
            if kept := cache.get(name):
                return kept
            if not (other := self._asked.get(name)):
                break
            await other.done.wait()
            if other.outcome:  # else who asked went away
                return other.outcome
        mine = self._asked[name] = _Asked(anyio.Event())
        try:
            began = time.time()
            mine.outcome = await self._ask(q)
            if isinstance(mine.outcome, Answer):
                cache.put(name, mine.outcome, began)
            return mine.outcome
        finally:
            del self._asked[name]
            mine.done.set()

    async def _ask(self, q: Question) -> Answer | Failure:
        try:
            with anyio.fail_after(self.settings.timeout):
                async with self._of_this_loop().stream("POST", self._url, content=q.text, headers=self._headers) as answer:
                    text = b""
                    async for part in answer.aiter_bytes():
                        text += part
                        if len(text) > _LONGEST_ANSWER:
                            return Failure("the answer takes too long")
                    return read(answer.status_code, answer.headers, text)
        except TimeoutError:
            return Failure(f"no answer within {self.settings.timeout} s")
        except httpx.HTTPError as error:
            return Failure(f"no answer: {type(error).__name__} {error}")

    def _of_this_loop(self) -> httpx.AsyncClient:
        """Connections belong to the loop in which they were opened."""
        loop = anyio.lowlevel.current_token()
        if self._client is None or self._loop != loop:
            self._client = httpx.AsyncClient(timeout=self.settings.timeout, limits=_LIMITS, follow_redirects=False)
            self._loop = loop
        return self._client
