"""What waiting is in threads. This and _async/flow.py are what the two clients do differently."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ..types import TokenPair

Lock = threading.Lock
sleep = time.sleep
OnTokens = Callable[[TokenPair], None]


def deadline(_: float) -> AbstractContextManager[object]:
    """A thread cannot be ended: there httpx limits each wait for a part of the answer."""
    return nullcontext()


def uninterrupted() -> AbstractContextManager[object]:
    return nullcontext()


def tell(on_tokens: OnTokens, pair: TokenPair) -> None:
    on_tokens(pair)
