"""No row: Secrets Manager fails while a test asks for it, as it does when AWS has trouble. Functions use what they have read before."""

from ministack.core import responses
from ministack.services import secretsmanager

from strict.internals import replace

_failing = False


def install() -> None:
    replace(secretsmanager, "_get_secret_value", _get)


def fail(failing: bool) -> bool:
    global _failing
    _failing = failing
    return _failing


def _get(original, data):
    if _failing:
        return responses.error_response_json("InternalServiceError", "An error occurred on the server side.", 500)
    return original(data)
