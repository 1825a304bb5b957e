# Made by generate.py. Do not edit it.

"""Sends requests, and repeats those that are safe to repeat."""

from __future__ import annotations

from typing import Any

import httpx

from .._call import Answer, Attempts, Call
from .._errors import LatchkeyError, NoAnswerError, error_of
from .._settings import check_url
from .._version import VERSION
from .flow import deadline, sleep

_HEADERS = {"Accept": "application/json, application/problem+json", "User-Agent": f"latchkey-python/{VERSION}"}
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)


class Transport:
    def __init__(self, url: str, attempts: int, timeout: float, http: httpx.Client | None) -> None:
        check_url(url)
        if attempts < 1 or timeout <= 0:
            raise ValueError("attempts must be at least 1, and timeout more than 0")
        self._base = url.rstrip("/")
        self._attempts = attempts
        self._timeout = timeout
        self._own = http is None
        self._http = http or httpx.Client(limits=_LIMITS)

    def address(self, path: str, query: dict[str, str | None]) -> str:
        return str(httpx.URL(self._base + path, params={name: value for name, value in query.items() if value is not None}))

    def send(self, call: Call[Answer]) -> Answer:
        attempts = Attempts(call, self._attempts)
        while True:
            try:
                return self._once(call)
            except LatchkeyError as error:
                wait = attempts.after(error)
            if wait is None:
                nothing: Any = None
                answer: Answer = nothing
                return answer
            sleep(wait)

    def _once(self, call: Call[Answer]) -> Answer:
        seconds = call.timeout or self._timeout
        try:
            with deadline(seconds):
                answered = self._http.request(
                    call.method, self._base + call.path, params={name: value for name, value in call.query.items() if value is not None},
                    headers={**_HEADERS, **call.headers}, json=call.json, data=call.form, timeout=seconds, follow_redirects=False)
        except (httpx.HTTPError, TimeoutError) as error:
            raise NoAnswerError(f"{call.method} {call.path}: no answer") from error
        if answered.is_redirect:  # the service sends none, and another server would get the credential
            raise NoAnswerError(f"{call.method} {call.path}: no answer but a redirect")
        if not answered.is_success:
            raise error_of(answered.status_code, answered.headers, answered.content)
        try:
            body: Any = answered.json() if answered.content else None
        except ValueError as error:
            raise NoAnswerError(f"{call.method} {call.path}: the answer is no JSON") from error
        answer: Answer = call.read(body, answered.headers) if call.read else body
        return answer

    def close(self) -> None:
        if self._own:
            self._http.close()
