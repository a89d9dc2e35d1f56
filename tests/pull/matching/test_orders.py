"""How an object ends depends on the book and the portal, never on the order or the pages of a pull."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.pull.matching import namesakes
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.objects import Page, RemoteObject
from webapp.models import Run
from webapp.usecases.pull.reading import read_ahead

Ends = dict[tuple[str, str | None], tuple[str, str | None, int | None]]

_pages = st.tuples(st.integers(0, 99), st.sampled_from((3, 17, 100)), st.sampled_from((1, 16)))


def _shuffled(luck: Random, size: int) -> Callable[..., Page]:
    """Lists the portal's objects in an order of its own, in pages of a size."""
    in_order, list_page = {}, ObjectCalls.list_page

    def read_all(client: Any, kind: str, properties: Any) -> list[RemoteObject]:
        found: list[RemoteObject] = []
        after: str | None = None
        while True:
            page = list_page(client, kind, properties, after)
            found += page.results
            if (after := page.after) is None:
                return found

    def read(client: Any, kind: str, properties: Any, after: str | None = None) -> Page:
        if kind not in in_order:
            in_order[kind] = read_all(client, kind, properties)
            luck.shuffle(in_order[kind])
        found, behind = in_order[kind], int(after or 0) + size
        return Page(found[int(after or 0) : behind], str(behind) if behind < len(found) else None)

    return read


def _ends(run: Run, first: dict[str, int]) -> Ends:
    """How each object ended, and which record here it asks about or is; new ones have no place in the book.

    What a new record looks like is left out: of two that look alike the later one says so.
    """
    ends: Ends = {}
    entries = pulling.entries(run.id)
    for one in entries:
        about = [
            found["record_id"] - first[one.object_type] for found in (one.detail or {}).get("candidates", ())
        ]
        number = (
            one.record_id - first[one.object_type] if one.record_id and one.outcome == "updated" else None
        )
        reason = None if one.outcome == "created" else one.reason
        ends[one.object_type, one.remote_id] = one.outcome, f"{reason} {sorted(about)}", number
    assert len(ends) == len(entries), "the log says of each object once how it ended"
    return ends


def _filled_anew(book: tuple[list[namesakes.Person], list[namesakes.Person]]) -> dict[str, int]:
    """Put the book back as it was; returns the numbers of its first records."""
    pulling.forget_everything()
    namesakes.make(*book)
    return {"companies": pulling.companies()[0].id, "contacts": pulling.contacts()[0].id}


def _pulled(connection_id: int, order: int, size: int, joined: int, *, is_preview: bool = False) -> Run:
    """A pull in an order and in pages of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_ahead, "_MOST_AHEAD", joined)
        patch.setattr(ObjectCalls, "list_page", _shuffled(Random(order), size))  # noqa: S311
        run = pulling.worked_off(pulling.begun(connection_id, is_preview=is_preview))
    assert run.state == "finished"
    return run


@given(seed=st.integers(0, 999), pages=st.lists(_pages, min_size=3, max_size=3))
# A contact without company, which the records that came after the first forty look like.
@example(seed=454, pages=[(5, 3, 1), (50, 100, 16), (89, 3, 16)])
@settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_how_objects_end_depends_on_no_order_and_a_second_pull_changes_nothing(
    connection_id: int, sandbox: SandboxServer, seed: int, pages: list[tuple[int, int, int]]
) -> None:
    sandbox.reset(companies=0, contacts=0)
    book = namesakes.book(seed, companies=8, contacts=200)
    namesakes.fill(sandbox, seed, *book, companies=10, contacts=50)
    first = _filled_anew(book)
    one, other = (_ends(_pulled(connection_id, *some, is_preview=True), first) for some in pages[:2])
    assert one == other
    ends = _ends(_pulled(connection_id, *pages[2]), first)
    assert ends == one
    again = _ends(_pulled(connection_id, *pages[0]), first)
    assert again == {key: end for key, end in ends.items() if end[0] in ("held", "skipped")}
    assert {outcome for outcome, *_ in ends.values()} >= {"updated", "held"}


@pytest.mark.one_database
@pytest.mark.parametrize("seed", [1, 2])
def test_two_pulls_into_the_same_book_end_alike(
    connection_id: int, sandbox: SandboxServer, seed: int
) -> None:
    book = namesakes.book(seed, companies=8, contacts=200)
    namesakes.fill(sandbox, seed, *book, companies=10, contacts=80)
    found = []
    for pages in ((0, 100, 16), (1, 7, 1)):
        first = _filled_anew(book)
        found.append(_ends(_pulled(connection_id, *pages), first))
    assert found[0] == found[1]
