"""A dependency for FastAPI: a route names the scopes that it needs, and gets its caller.

    keys = Keys(app)

    @app.get("/stats")
    def stats(caller: Annotated[Caller, Depends(keys("read:stats"))]): ...
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from ._caller import Caller
from ._checker import AsyncChecker
from ._question import Need, Question, check_needs
from ._refusal import Refusal
from ._settings import Settings
from .asgi import read_request

__all__ = ["Caller", "Keys", "Settings"]


class Refused(Exception):
    """Who calls is not let in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Keys:
    """The keys of an app's callers. It adds the answer to whoever is refused to the app."""

    def __init__(self, app: FastAPI, settings: Settings | None = None) -> None:
        self._checker = AsyncChecker(settings, "by_path")
        app.add_exception_handler(Refused, _answer)

    def __call__(self, *need: str) -> Callable[[Request, Response], Awaitable[Caller]]:
        """A dependency. `need` is scopes, all of which the key must hold, or one of the words "by_path" and "any_key"."""
        needs: Need = need[0] if len(need) == 1 else need
        check_needs(needs)
        if needs == "public":
            raise ValueError("a public route needs no caller")

        async def caller(request: Request, response: Response) -> Caller:
            asked = self._checker.question(read_request(request.scope), needs)
            if not isinstance(asked, Question):
                raise Refused(asked) if asked else RuntimeError
            answer = await self._checker.check(asked)
            if answer.caller is None or answer.refusal is not None:
                raise Refused(answer.refusal) if answer.refusal else RuntimeError
            response.headers.update(answer.headers)
            return answer.caller

        return caller


async def _answer(_: Request, refused: Exception) -> Response:
    refusal = refused.refusal if isinstance(refused, Refused) else None
    if refusal is None:
        raise refused
    return Response(refusal.text(), refusal.status, refusal.all_headers())
