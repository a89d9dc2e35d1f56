"""A portal far away and large, made small: few objects a page, few pages a part, and several readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.pull.reading import parts
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.objects import Page
from webapp.usecases.pull.reading import pace, read_ahead

PAGE = 5


def several_readers(patch: pytest.MonkeyPatch, *, readers: int = 4, part: int = 20) -> None:
    """Let four readers take parts of four pages, as soon as a page has been measured."""
    pulling.short_pages(patch, PAGE)
    patch.setattr(parts, "LARGE", part)
    patch.setattr(parts, "PART", part)
    patch.setattr(pace, "NEAR_S", 0.0)
    patch.setattr(pace, "FEWEST", 1)
    patch.setattr(pace, "readers_for", lambda *_: readers)
    patch.setattr(read_ahead, "SHARE_WAITED_FOR", 0.0)


def one_reader(patch: pytest.MonkeyPatch) -> None:
    """Let one reader take all pages, of the same size."""
    pulling.short_pages(patch, PAGE)


def at_each_list(patch: pytest.MonkeyPatch, act: Callable[[str, str | None, Page], None]) -> None:
    """Do something with each page when a reader has read it: type, cursor, page."""
    listed = ObjectCalls.list_page

    def list_page(
        self: Any, object_type: str, properties: Any, after: str | None = None, **more: Any
    ) -> Page:
        page = listed(self, object_type, properties, after, **more)
        act(object_type, after, page)
        return page

    patch.setattr(ObjectCalls, "list_page", list_page)


def searches(sandbox: SandboxServer) -> int:
    """How often the portal was searched."""
    routes: dict[str, int] = sandbox.counts()["calls_by_route"]
    return sum(count for route, count in routes.items() if "search" in route)


def ids_of(sandbox: SandboxServer, kind: str) -> list[str]:
    """All objects of the portal, by number."""
    found: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": 100, **({"after": after} if after else {})}
        answer = sandbox.api("GET", f"/crm/v3/objects/{kind}", params=params).json()
        found += [one["id"] for one in answer["results"]]
        after = answer.get("paging", {}).get("next", {}).get("after")
        if after is None:
            return sorted(found, key=int)
