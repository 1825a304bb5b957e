"""Latchkey for Python.

Client and AsyncClient send requests to a deployment. latchkey.fastapi, latchkey.asgi and latchkey.wsgi check API keys in your own
server; latchkey.testing serves your own API, guarded, for tests.
"""

from ._async.client import AsyncClient
from ._errors import (
    ApiError, AuthenticationError, ConflictError, InvalidRequestError, LatchkeyError, NoAnswerError, NotFoundError, PermissionDeniedError,
    RateLimitError, ServerError)
from ._login import Login, Refresh
from ._sync.client import Client
from ._version import VERSION as __version__

__all__ = [
    "ApiError", "AsyncClient", "AuthenticationError", "Client", "ConflictError", "InvalidRequestError", "LatchkeyError", "Login",
    "NoAnswerError", "NotFoundError", "PermissionDeniedError", "RateLimitError", "Refresh", "ServerError", "__version__"]
