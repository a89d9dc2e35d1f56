"""One odd object or page in an answer of HubSpot's keeps no other from being pulled (B49)."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.samples.side_by_side import at_each_list
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.hubspot.objects import Page
from webapp.models import FailingRecord, Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.reconcile import walk
from webapp.usecases.runs import overtime, slices

pytestmark = pytest.mark.one_database

_LISTS = "*/objects/*companies"


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - its context is pushed
    """Five companies in a portal that is connected."""
    for number in range(5):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
    return pulling.connected()


@pytest.mark.parametrize("oddity", ["number", "infinite", "date", "shape", "zoneless"])
def test_an_odd_object_fails_alone_and_says_why(
    connection_id: int, sandbox: SandboxServer, oddity: str
) -> None:
    sandbox.fault("odd", method="GET", path=_LISTS, oddity=oddity)
    run = pulling.pulled(connection_id)
    assert run.state == "finished"
    assert run.counts["companies"] == {"created": 4, "failed": 1}
    [entry] = [one for one in pulling.entries(run.id) if one.outcome == "failed"]
    assert entry.reason == "unreadable_object"
    assert "at `$" in (entry.detail or {})["error"], "it says where"
    assert entry.remote_id not in [link.remote_id for link in pulling.links()]
    [failing] = pulling.all_rows(FailingRecord)
    assert (failing.remote_id, failing.direction) == (entry.remote_id, "in")
    again = pulling.pulled(connection_id)
    assert again.counts["companies"] == {"unchanged": 4, "created": 1}
    assert not pulling.all_rows(FailingRecord)


@pytest.mark.parametrize("oddity", ["number", "date", "shape"])
def test_a_linked_object_that_is_odd_keeps_its_record_and_link(
    connection_id: int, sandbox: SandboxServer, oddity: str
) -> None:
    pulling.pulled(connection_id)
    before = [(link.remote_id, link.state, link.remote_seen) for link in pulling.links()]
    sandbox.fault("odd", method="GET", path=_LISTS, oddity=oddity)
    run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"unchanged": 4, "failed": 1}
    assert [(link.remote_id, link.state, link.remote_seen) for link in pulling.links()] == before


def test_ids_and_cursors_that_come_as_numbers_are_the_same_ids(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_pages(monkeypatch, 2)
    sandbox.settings(search_delay_s=0)
    sandbox.fault("odd", path=_LISTS, oddity="number_id", times=None)
    sandbox.fault("odd", path="*/companies/*", oddity="number_id", times=None)
    run = pulling.pulled(connection_id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 5})
    sandbox.update("companies", pulling.links()[0].remote_id, {"city": "Ulm"})
    assert _reconciled().state == "finished"
    assert sorted(filter(None, (one.city for one in pulling.companies()))) == ["Ulm"]


@pytest.mark.parametrize("oddity", ["empty_page", "empty_end"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_page_that_is_empty_once_is_no_end(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, oddity: str, after: int
) -> None:
    sandbox.settings(search_delay_s=0)
    pulling.short_pages(monkeypatch, 2)
    sandbox.fault("odd", method="GET", path=_LISTS, oddity=oddity, after=after)
    run = pulling.pulled(connection_id)
    assert run.state == "finished"
    assert run.counts["companies"] == {"created": 5}


@pytest.mark.parametrize("oddity", ["empty_page", "empty_end"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_page_that_stays_empty_ends_in_a_wait(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, oddity: str, after: int
) -> None:
    sandbox.settings(search_delay_s=0)
    pulling.short_pages(monkeypatch, 2)
    sandbox.fault("odd", method="GET", path=_LISTS, oddity=oddity, after=after, times=2)
    run = pulling.pulled(connection_id)
    assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 5})


def test_an_empty_list_of_what_is_linked_is_no_end_though_the_search_finds_nothing(
    connection_id: int, sandbox: SandboxServer
) -> None:
    pulling.pulled(connection_id)
    sandbox.fault("odd", method="GET", path=_LISTS, oddity="empty_end", times=2)
    for oddity in ("empty_page", "shrunk_total"):
        sandbox.fault("odd", path="*/companies/search", oddity=oddity, times=None)
    run = pulling.pulled(connection_id)
    assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.counts["companies"]) == ("finished", {"unchanged": 5})


def test_a_portal_whose_objects_are_all_gone_ends_with_nothing(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """What is linked, and what the search still finds, proves nothing."""
    pulling.pulled(connection_id)
    for link in pulling.links():
        sandbox.archive("companies", link.remote_id)
    run = pulling.pulled(connection_id)
    assert (run.state, run.counts.get("companies")) == ("finished", {})


@pytest.mark.parametrize("oddity", ["empty_page", "empty_end"])
def test_an_empty_page_behind_a_cursor_that_is_no_number_is_read_once_more(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, oddity: str
) -> None:
    sandbox.settings(search_delay_s=0, cursors="opaque")
    pulling.short_pages(monkeypatch, 2)
    sandbox.fault("odd", method="GET", path=_LISTS, oddity=oddity, after=1)
    run = pulling.pulled(connection_id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 5})


def test_an_empty_type_costs_one_call_more(connection_id: int, sandbox: SandboxServer) -> None:
    pulling.pulled(connection_id)
    before = Counter(sandbox.counts()["calls_by_route"])
    pulling.pulled(connection_id)
    made = Counter(sandbox.counts()["calls_by_route"]) - before
    by_kind = {
        part: sum(n for name, n in made.items() if part in name)
        for part in ("list_objects", "search", "batch")
    }
    # Two searches count; the third finds that there are no contacts.
    assert by_kind == {"list_objects": 2, "search": 3, "batch": 0}


def test_a_list_that_leads_back_to_itself_ends_in_a_wait(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_pages(monkeypatch, 2)
    sandbox.fault("odd", method="GET", path=_LISTS, oddity="same_page", times=None)
    run = pulling.pulled(connection_id)
    assert run.state == "running"
    assert run.not_before is not None
    assert run.waiting_for == "hubspot_unreachable"
    sandbox.clear_faults()


@pytest.mark.parametrize("slice_s", [0.0, 60.0])
def test_a_list_that_leads_back_to_an_earlier_page_ends_in_a_wait(
    connection_id: int, monkeypatch: pytest.MonkeyPatch, slice_s: float
) -> None:
    """Each page leads on, and yet the list has no end; also where a slice ends before it has come round."""
    monkeypatch.setattr(slices, "SLICE_S", slice_s)
    pulling.short_pages(monkeypatch, 2)
    cursors: list[str | None] = []

    def lead_back(_kind: str, _after: str | None, page: Page) -> None:
        cursors.append(page.after)
        if cursors.count(None) == 1 and page.after is None:
            page.after = cursors[0]

    at_each_list(monkeypatch, lead_back)
    run = pulling.pulled(connection_id)
    assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 5})


@pytest.mark.parametrize("slice_s", [0.0, 60.0])
def test_a_comparison_of_a_list_that_leads_back_ends_in_a_wait(
    connection_id: int, monkeypatch: pytest.MonkeyPatch, slice_s: float
) -> None:
    """As a pull does; of what it meets nothing is new, so that nothing else would ever end it."""
    pulling.pulled(connection_id)
    monkeypatch.setattr(slices, "SLICE_S", slice_s)
    monkeypatch.setattr(overtime, "LONGEST_S", 0.0)
    pulling.short_pages(monkeypatch, 2)
    first: list[str] = []

    def lead_back(kind: str, _after: str | None, page: Page) -> None:
        if kind == "companies":
            first.append(page.after or first[0])
            page.after = first[-1]

    with monkeypatch.context() as patch:
        at_each_list(patch, lead_back)
        begun = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
        run = pulling.worked_off(begun.run_id)
    assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
    assert pulling.wait_is_over(run.id).state == "finished"


def _reconciled() -> Run:
    begun = begin_reconcile.start(current_services(), trigger="command", user_id=None)
    return pulling.worked_off(begun.run_id)


@pytest.mark.parametrize("oddity", ["empty_page", "reversed_page"])
def test_a_search_that_is_empty_or_out_of_order_is_made_again_later(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, oddity: str
) -> None:
    sandbox.settings(search_delay_s=0)
    pulling.pulled(connection_id)
    for number in range(5):
        link = pulling.links()[number]
        sandbox.update("companies", link.remote_id, {"city": f"City {number}"})
    monkeypatch.setattr(walk, "PAGE_SIZE", 2)
    sandbox.fault("odd", path="*/companies/search", oddity=oddity)
    run = _reconciled()
    assert (run.state, run.waiting_for) == ("running", "hubspot_unreachable")
    run = pulling.wait_is_over(run.id)
    assert run.state == "finished"
    assert sorted(str(one.city) for one in pulling.companies()) == [f"City {n}" for n in range(5)]
