from __future__ import annotations

from typing_extensions import Unpack

from .._call import Call, segment
from ..types import CreateCustomer, Customer, CustomerChange, CustomerEntry, CustomerLog, CustomerPage
from .api import Noun
from .pages import Pages


class Customers(Noun):
    """For whom keys are made. `keys.create(customer_id=…)` makes one, and `keys.list(customer_id=…)` lists them."""

    async def create(self, **customer: Unpack[CreateCustomer]) -> Customer:
        return await self._api.send(Call[Customer]("POST", "/v1/customers", json=customer))

    def list(self, *, project_id: str | None = None, external_id: str | None = None, search: str | None = None, cursor: str | None = None,
             limit: int | None = None) -> Pages[CustomerPage, Customer]:
        """Those of a project. With `external_id` the one that has it, or none; with `search` those with it in their name or external id."""
        return self._api.pages("/v1/customers", lambda page: page["customers"], cursor, limit, project_id=project_id, external_id=external_id,
                               search=search)

    async def get(self, id: str) -> Customer:
        return await self._api.send(Call[Customer]("GET", _path(id)))

    async def update(self, id: str, /, **change: Unpack[CustomerChange]) -> Customer:
        """Changes what is named, and nothing else. A customer with `disabled=True` has keys that open nothing."""
        return await self._api.send(Call[Customer]("PATCH", _path(id), json=change))

    async def delete(self, id: str) -> None:
        """Its keys open nothing from the next request on."""
        await self._api.send(Call[None]("DELETE", _path(id)))

    def log(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> Pages[CustomerLog, CustomerEntry]:
        """Its changes, newest first, also after it was deleted."""
        return self._api.pages(f"{_path(id)}/log", lambda page: page["entries"], cursor, limit)


def _path(id: str) -> str:
    return f"/v1/customers/{segment(id)}"
