"""Where Latchkey is, and how it is asked."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Settings:
    """What is left out is taken from the environment, or is as the comment says."""

    url: str = field(default_factory=lambda: os.environ.get("LATCHKEY_URL", ""))
    key: str = field(default_factory=lambda: os.environ.get("LATCHKEY_VERIFYING_KEY", ""), repr=False)
    """A key with the scope `verify:keys`, or a token that was made from one."""
    api: str = ""
    """Names this server in the key's log: at most 64 of A-Z a-z 0-9 . _ / -"""
    timeout: float = 3.0
    """Seconds for one check. Whoever could not be checked by then is not let in."""
    max_stale: float = 0.0
    """Seconds for which an answer may be used again for the same key, need and address. Within this time a revoked key is
    let in, and a request that is answered from the cache neither counts nor is in the key's log."""
    cache_size: int = 10_000
    """Answers that are kept at most."""
    trusted_proxies: int = 0
    """How many proxies in front of this server add to X-Forwarded-For. The caller's address is what the first of them added.
    0: the header is not read, because anybody can send it."""

    def __post_init__(self) -> None:
        check_url(self.url)
        check_credential(self.key, "settings.key or LATCHKEY_VERIFYING_KEY")
        if self.timeout <= 0 or min(self.max_stale, self.cache_size, self.trusted_proxies) < 0:
            raise ValueError("timeout must be more than 0, and nothing else less than 0")


def check_url(url: str) -> None:
    there = urlsplit(url)
    if not there.hostname or there.username or there.query:
        raise ValueError("url or LATCHKEY_URL must be the address of a deployment")
    host = there.hostname
    here = host in ("localhost", "::1") or host.startswith("127.")
    if there.scheme != "https" and not (there.scheme == "http" and here):
        raise ValueError("the address of a deployment must begin with https://, except on this machine")


def check_credential(text: str, what: str) -> None:
    if not text or any(not "!" <= c <= "~" for c in text):
        raise ValueError(f"{what} must be a key")


def credential_header(credential: str) -> dict[str, str]:
    """A token has two dots, and a key none."""
    return {"Authorization": f"Bearer {credential}"} if credential.count(".") == 2 else {"X-Api-Key": credential}
