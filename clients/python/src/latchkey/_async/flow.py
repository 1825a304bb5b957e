"""What waiting is in an event loop. This and _sync/flow.py are what the two clients do differently."""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

import anyio

from ..types import TokenPair

Lock = anyio.Lock
sleep = anyio.sleep
OnTokens = Callable[[TokenPair], Awaitable[None] | None]


def deadline(seconds: float) -> AbstractContextManager[object]:
    """Ends what takes longer, with a TimeoutError."""
    return anyio.fail_after(seconds)


def uninterrupted() -> AbstractContextManager[object]:
    """Whoever goes away in the middle waits for its end."""
    return anyio.CancelScope(shield=True)


async def tell(on_tokens: OnTokens, pair: TokenPair) -> None:
    told = on_tokens(pair)
    if inspect.isawaitable(told):
        await told
