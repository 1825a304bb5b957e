"""What Latchkey answers to a question. What is not said to be a good key is not one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ._caller import Caller
from ._refusal import Refusal


@dataclass(frozen=True)
class Answer:
    caller: Caller | None
    """None: the key is refused."""
    refusal: Refusal | None
    headers: dict[str, str]
    """For the answer to the request, whatever it is."""
    reset: float | None
    """When the window of the limit ends, in seconds since 1970."""
    retry_after: float | None


@dataclass(frozen=True)
class Failure:
    """Why nobody knows whether the key is good. It has no secret."""

    why: str
    retry_after: str = "1"


def read(status: int, headers: Mapping[str, str], text: bytes) -> Answer | Failure:
    if status != 200:
        return _refused_itself(status, headers, text)
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Failure("the answer is not what Latchkey answers; is the deployment older than this package?")


def _read(body: dict[str, Any]) -> Answer:
    valid, code, limit = body["valid"], body["code"], body.get("limit") or {}
    headers = {str(name): str(value) for name, value in body["headers"].items()}
    reset, retry_after = limit.get("reset"), limit.get("retry_after")
    if valid is True and code == "VALID" and "problem" not in body:
        return Answer(_caller(body), None, headers, reset, retry_after)
    problem = body["problem"]
    if valid is False and problem["error_code"] == code and 400 <= problem["status"] < 600:
        return Answer(None, Refusal({**problem, "request_id": str(problem["request_id"])}, headers), headers, reset, retry_after)
    raise ValueError


def _caller(body: dict[str, Any]) -> Caller:
    if not body["key_id"] or not body["project_id"]:
        raise ValueError
    expires = body["expires_at"]
    return Caller(
        key_id=body["key_id"], label=body.get("label", ""), type=body.get("type", ""), owner_id=body.get("owner_id", ""),
        project_id=body["project_id"], customer_id=body.get("customer_id"), scopes=tuple(body["scopes"]), metadata=dict(body["metadata"]),
        expires_at=datetime.fromisoformat(expires.replace("Z", "+00:00")) if expires else None)


def _refused_itself(status: int, headers: Mapping[str, str], text: bytes) -> Failure:
    """This server was not answered: its own key is wrong, or sends too much, or Latchkey cannot."""
    try:
        body = json.loads(text)
        why = [body["error_code"], *(f"{wrong['field']} {wrong['message']}" for wrong in body.get("fields", ()))]
    except (ValueError, TypeError, KeyError, AttributeError):
        why = []
    after = headers.get("Retry-After", "")
    return Failure(f"Latchkey answers this server with {status} {why!r}", after if after.isdecimal() and int(after) else "1")
