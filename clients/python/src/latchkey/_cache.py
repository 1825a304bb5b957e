"""Answers that are kept for a while, under a hash of the whole question: key, method, path or scopes, and address.

Those about good keys are kept, and refusals of a limit as long as the limit holds; any other refusal is asked for each time.
"""

import threading
import time

from ._answer import Answer


class Cache:
    def __init__(self, max_stale: float, size: int) -> None:
        self._max_stale = max_stale
        self._size = size
        self._lock = threading.Lock()
        self._kept: dict[bytes, tuple[Answer, float]] = {}

    def get(self, name: bytes) -> Answer | None:
        answer, until = self._kept.get(name, (None, 0.0))
        return answer if time.time() < until else None

    def put(self, name: bytes, answer: Answer, began: float) -> None:
        """`began` is when it was asked: the answer is as old as the question."""
        until = self._until(answer, began)
        with self._lock:
            if until > time.time() and self._size:
                self._make_room()
                self._kept[name] = (answer, until)

    def _until(self, answer: Answer, began: float) -> float:
        ends = [began + self._max_stale]
        if answer.reset is not None:
            ends.append(answer.reset)
        if answer.refusal:
            if answer.refusal.code != "RATE_LIMIT_EXCEEDED" or answer.retry_after is None:
                return began
            ends.append(began + answer.retry_after)
        if answer.caller and answer.caller.expires_at:
            ends.append(answer.caller.expires_at.timestamp())
        return min(ends)

    def _make_room(self) -> None:
        if len(self._kept) < self._size:
            return
        now = time.time()
        self._kept = {name: kept for name, kept in self._kept.items() if now < kept[1]}
        while len(self._kept) >= self._size:
            del self._kept[next(iter(self._kept))]
