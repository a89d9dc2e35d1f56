"""A portal that is far away and large, made small: where that is ordered, several readers share its lists."""

from __future__ import annotations

from typing import Any

from tests.chaos.steps import Orders
from webapp.domain.pull.reading import parts
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.objects import Page
from webapp.usecases.pull.reading import pace, read_ahead

_PAGE = 5
_PART = 20


def install(orders: Orders) -> None:
    """Have this process, and those forked from it, read with as many readers as are ordered."""
    parts.LARGE = parts.PART = _PART
    pace.NEAR_S, pace.FEWEST = 0.0, 1
    pace.readers_for = lambda *_: orders.readers()  # type: ignore[attr-defined]
    read_ahead.SHARE_WAITED_FOR = 0.0
    listed = ObjectCalls.list_page

    def list_page(self: Any, *args: Any, **named: Any) -> Page:
        if orders.readers() > 1:
            named["limit"] = _PAGE
        return listed(self, *args, **named)

    ObjectCalls.list_page = list_page  # type: ignore[method-assign]
