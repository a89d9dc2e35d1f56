"""The night's comparison lists a large portal with several readers, and finds what one reader finds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.samples.quiet_portal import Portal
from tests.support.samples.side_by_side import ids_of, searches, several_readers
from tests.support.usecases import pulling
from webapp.usecases.runs import slices


@pytest.fixture
def large(portal: Portal) -> Portal:
    """The portal with many more contacts, all of them pulled."""
    for number in range(40):
        portal.add_contact(f"More {number}", email=f"more{number}@n.de")
    pulling.pulled(portal.connection_id)
    return portal


def _found(run: Any) -> list[tuple[Any, ...]]:
    return [(one.remote_id, one.outcome, one.reason) for one in pulling.entries(run.id)]


@pytest.mark.parametrize("slice_s", [60.0, 0.3])
def test_several_readers_find_what_went_and_what_moved(
    large: Portal, monkeypatch: pytest.MonkeyPatch, slice_s: float
) -> None:
    ids = ids_of(large.sandbox, "contacts")
    large.reconciled()
    for gone in (ids[20], ids[21], ids[40]):
        large.sandbox.archive("contacts", gone)
    firm = str(large.sandbox.create("companies", {"name": "Suedwind", "domain": "s.de"})["id"])
    large.reconciled()
    large.sandbox.update("contacts", ids[33], {}, companies=[firm])
    several_readers(monkeypatch)
    monkeypatch.setattr(slices, "SLICE_S", slice_s)
    before = searches(large.sandbox)
    run = large.reconciled(is_full=True)
    assert run.state == "finished"
    gone_ids = [number for number, _, reason in _found(run) if reason == "gone_in_hubspot"]
    assert gone_ids == [ids[20], ids[21], ids[40]]
    assert (ids[33], "updated") in [(number, outcome) for number, outcome, _ in _found(run)]
    assert len([link for link in pulling.links("contacts") if link.state == "linked"]) == len(ids) - 3
    if slice_s > 1:
        assert searches(large.sandbox) > before + 3, "parts were cut"


@pytest.mark.one_database
def test_a_second_comparison_has_nothing_to_say(large: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    several_readers(monkeypatch)
    large.reconciled(is_full=True)
    assert _found(large.reconciled(is_full=True)) == []
