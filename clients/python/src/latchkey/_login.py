"""What a client gets its tokens with."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Login:
    """The client logs in on the first request, and again when the session has ended."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Refresh:
    """The client goes on with a session that exists."""

    refresh_token: str = field(repr=False)
