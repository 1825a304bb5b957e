"""How a request to Latchkey fails. No error has a credential in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from .types import FieldError


class LatchkeyError(Exception):
    """Latchkey refused the request, or did not answer."""


class NoAnswerError(LatchkeyError):
    """There was no answer, or none that Latchkey gives. The request may have been carried out or not."""


class ApiError(LatchkeyError):
    """Latchkey refused the request. The subclasses group the codes by what a caller can do about them."""

    def __init__(self, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("error_code") or body.get("error") or "UNKNOWN")
        """The `error_code`; from /oauth/ the `error` of RFC 6749."""
        self.detail: str | None = body.get("detail") or body.get("error_description")
        self.request_id: str | None = body.get("request_id")
        """Quote it when you report a fault."""
        self.fields: list[FieldError] = body.get("fields") or []
        """The wrong fields, each with its fault, if the code is VALIDATION_ERROR."""
        after = headers.get("Retry-After", "")
        self.retry_after = int(after) if after.isdecimal() else None
        """Seconds to wait before the next attempt."""
        self.challenge = headers.get("WWW-Authenticate") or headers.get("x-amzn-Remapped-WWW-Authenticate")
        """Of a 401 or 403 (RFC 6750). On AWS the header may have the second name."""
        named = "; ".join(f"{wrong['field'] or 'body'} {wrong['message']}" for wrong in self.fields)
        super().__init__(": ".join(part for part in (f"{self.code} ({status})", self.detail, named) if part))


class AuthenticationError(ApiError):
    """The credential is missing, wrong, expired or revoked: 401."""


class PermissionDeniedError(ApiError):
    """The credential is good, but not for this: 403."""


class NotFoundError(ApiError):
    """It does not exist, or belongs to somebody else: 404."""


class ConflictError(ApiError):
    """It exists already, or its state forbids this: 409."""


class InvalidRequestError(ApiError):
    """The request is wrong, and would be wrong again: 400, 413, 415, 422."""


class RateLimitError(ApiError):
    """Too many requests, even after the waits; or a quota that is used up (the code is QUOTA_EXCEEDED): 429."""


class ServerError(ApiError):
    """A fault of the service: 5xx."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationError, 403: PermissionDeniedError, 404: NotFoundError, 409: ConflictError, 429: RateLimitError}


def error_of(status: int, headers: Mapping[str, str], text: bytes) -> ApiError:
    """The body may be anything, because a proxy may have written it."""
    kind = ServerError if status >= 500 else _BY_STATUS.get(status, InvalidRequestError)
    try:
        body = json.loads(text)
        return kind(status, headers, cast("dict[str, Any]", body) if isinstance(body, dict) else {})
    except (ValueError, TypeError, KeyError):
        return kind(status, headers, {})
