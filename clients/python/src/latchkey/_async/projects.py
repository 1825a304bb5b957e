from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import Unpack

from .._call import Call
from ..types import CreateProject, Project, ProjectPage
from .api import Noun
from .pages import Pages


class Projects(Noun):
    async def create(self, **project: Unpack[CreateProject]) -> Project:
        """Needs a user's token, or a key that holds every scope but admin."""
        return await self._api.send(Call[Project]("POST", "/v1/projects", json=project))

    def list(self, *, owner: str | None = None, cursor: str | None = None, limit: int | None = None) -> Pages[ProjectPage, Project]:
        """A user's, newest first, or the key's own. An administrator who is logged in may name another user as `owner`."""
        return self._api.pages("/v1/projects", lambda page: page["projects"], cursor, limit, _page, owner=owner)


def _page(body: Any, _: Mapping[str, str]) -> ProjectPage:
    """A key gets its project without a page around it."""
    page: ProjectPage = {"projects": body, "next_cursor": None} if isinstance(body, list) else body
    return page
