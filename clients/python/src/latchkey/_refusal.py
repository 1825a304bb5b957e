"""The answer to whoever is not let in: application/problem+json (RFC 9457)."""

import json
import uuid
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Refusal:
    body: dict[str, object]
    headers: dict[str, str]

    @property
    def status(self) -> int:
        return int(str(self.body["status"]))

    @property
    def code(self) -> str:
        return str(self.body["error_code"])

    @property
    def request_id(self) -> str:
        return str(self.body["request_id"])

    def all_headers(self) -> dict[str, str]:
        return {**self.headers, "Content-Type": "application/problem+json", "Cache-Control": "no-store"}

    def text(self) -> bytes:
        return json.dumps(self.body).encode()


def _refuse(status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> Refusal:
    body: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    return Refusal(body | {"error_code": code, "request_id": str(uuid.uuid4())}, headers or {})


def _unauthorized(code: str, detail: str, why: str = "") -> Refusal:
    error = f', error="invalid_token", error_description="{why}"' if why else ""
    return _refuse(401, code, detail, {"WWW-Authenticate": f'Bearer realm="latchkey"{error}'})


def missing_credentials() -> Refusal:
    return _unauthorized("MISSING_CREDENTIALS", "Send an API key")


def invalid_token(detail: str) -> Refusal:
    return _unauthorized("TOKEN_INVALID", detail, "The token is not valid")


def invalid_key() -> Refusal:
    return _unauthorized("API_KEY_INVALID", "API key is not valid", "The API key is not valid")


def multiple_credentials() -> Refusal:
    return _refuse(400, "MULTIPLE_CREDENTIALS", "The request carries more than one credential; send one")


def forbidden(detail: str) -> Refusal:
    return _refuse(403, "FORBIDDEN", detail)


def unavailable(retry_after: str = "1") -> Refusal:
    return _refuse(503, "SERVICE_UNAVAILABLE", headers={"Retry-After": retry_after})
