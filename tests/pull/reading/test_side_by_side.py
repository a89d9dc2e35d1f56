"""Several readers of one list bring what one reader brings, in the same order; a doubt loses nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from tests.support.applications.services import current_services
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.samples.factories import make_company
from tests.support.samples.side_by_side import (
    PAGE,
    at_each_list,
    ids_of,
    one_reader,
    searches,
    several_readers,
)
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.errors import PermanentError
from webapp.hubspot.objects import Page
from webapp.models import Run
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.pull import with_companies
from webapp.usecases.pull.reading import readers as readers_module
from webapp.usecases.runs import lifecycle, queues, slices

pytestmark = pytest.mark.one_database

_FIRMS, _PEOPLE = 60, 130
_AT_FIRST = 2
"""Searches with which every pull begins."""


@pytest.fixture
def portal(sandbox: SandboxServer) -> SandboxServer:
    """A portal with more companies and contacts than one part holds."""
    sandbox.reset(companies=_FIRMS, contacts=_PEOPLE)
    return sandbox


def _outcomes(run: Run) -> list[tuple[Any, ...]]:
    return [(one.object_type, one.remote_id, one.outcome, one.reason) for one in pulling.entries(run.id)]


def _book() -> list[tuple[Any, ...]]:
    """All records with the objects that they are linked to."""
    names = {("companies", one.id): one.name for one in pulling.companies()}
    names |= {("contacts", one.id): one.email for one in pulling.contacts()}
    return [
        (one.object_type, one.remote_id, names[one.object_type, one.record_id]) for one in pulling.links()
    ]


def _is_complete(sandbox: SandboxServer) -> bool:
    """Whether every object of the portal was taken exactly once: linked, or left out with a reason."""
    return all(
        sorted(
            [one.remote_id for one in pulling.links(kind)]
            + [one.remote_id for one in pulling.left_out(kind)],
            key=int,
        )
        == ids_of(sandbox, kind)
        for kind in ("companies", "contacts")
    )


def _taken(kind: str) -> set[str]:
    return {one.remote_id for one in pulling.links(kind)} | {one.remote_id for one in pulling.left_out(kind)}


def _doubts(logs: Any) -> list[str]:
    return [one["doubt"] for one in logs if one["event"] == "read_alone"]


@pytest.mark.every_database
def test_several_readers_bring_the_same_in_the_same_order(connection_id: int, portal: SandboxServer) -> None:
    with pytest.MonkeyPatch.context() as patch:
        one_reader(patch)
        alone = pulling.pulled(connection_id)
        before = (alone.counts, _outcomes(alone), _book())
        assert searches(portal) == _AT_FIRST
    pulling.forget_everything()
    with pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        several_readers(patch)
        together = pulling.pulled(connection_id)
    assert (together.counts, _outcomes(together), _book()) == before
    assert searches(portal) > 2 * _AT_FIRST + 2, "parts were cut"
    assert not _doubts(logs)


def test_of_two_objects_that_are_one_record_here_the_first_of_the_list_is_linked(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever part is read first: the rival is at the end of the list."""
    several_readers(monkeypatch)
    ours = make_company(name="Nordwind", domain="nordwind.de")
    first = sandbox.create("companies", {"name": "Nordwind", "domain": "nordwind.de"})["id"]
    for number in range(80):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
    sandbox.create("companies", {"name": "Nordwind", "domain": "nordwind.de"})
    sandbox.settings(search_delay_s=0)
    pulling.pulled(connection_id)
    assert pulling.link_of(first, "companies").record_id == ours.id


def test_several_readers_call_no_more_often_than_one(connection_id: int, portal: SandboxServer) -> None:
    """But for the searches: no page is read twice where the slice has time."""
    with pytest.MonkeyPatch.context() as patch:
        several_readers(patch)
        patch.setattr(slices, "SLICE_S", 60.0)
        pulling.pulled(connection_id)
    routes = portal.counts()["calls_by_route"]
    lists = sum(count for route, count in routes.items() if route.startswith("list"))
    assert lists <= (_FIRMS + _PEOPLE) / PAGE + 2


@pytest.mark.parametrize("slice_s", [0.0, 0.05, 0.2])
def test_short_slices_go_on_where_the_one_before_ended(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch, slice_s: float
) -> None:
    several_readers(monkeypatch)
    monkeypatch.setattr(bulk_pull, "TO_WRITE_S", 0.0)
    monkeypatch.setattr(slices, "SLICE_S", slice_s)
    run = pulling.pulled(connection_id)
    assert run.state == "finished"
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert _is_complete(portal)


def test_the_checkpoint_knows_where_the_next_parts_begin(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    positions: list[dict[str, Any]] = []
    real = with_companies.apply_with_companies

    def applied(lease: Any, contexts: Any, kind: Any, remotes: Any, position: Any, **more: Any) -> None:
        positions.append(position)
        real(lease, contexts, kind, remotes, position, **more)

    monkeypatch.setattr(bulk_pull, "apply_with_companies", applied)
    pulling.pulled(connection_id)
    known = [one for one in positions if one["boundaries"]]
    assert known
    for one in known:
        boundaries = [int(number) for number in one["boundaries"]]
        assert sorted({int(one["after"]), *boundaries}) == [int(one["after"]), *boundaries]
        assert set(one["boundaries"]) <= set(ids_of(portal, one["object_type"]))


@pytest.mark.every_database
def test_who_waits_for_the_worker_gets_it_at_once_and_what_was_read_ahead_is_read_again(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    monkeypatch.setattr(bulk_pull, "TO_WRITE_S", 0.0)
    monkeypatch.setattr(slices, "SLICE_S", 0.05)
    queues.enqueue_decision(current_services(), 1)
    run = pulling.pulled(connection_id)
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert _is_complete(portal)


def test_with_opaque_cursors_one_reader_reads(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    portal.settings(cursors="opaque")
    run = pulling.pulled(connection_id)
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert searches(portal) == _AT_FIRST, "nothing was cut"


def test_cursors_that_become_opaque_lose_nothing(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The readers have parts in hand already."""
    several_readers(monkeypatch)

    listed = ObjectCalls.list_page

    def with_own_cursors(self: Any, kind: str, names: Any, after: str | None = None, **more: Any) -> Page:
        page = listed(self, kind, names, after.removeprefix("opaque-") if after else None, **more)
        if kind == "contacts" and page.after is not None and int(page.after) > int(middle):
            page.after = f"opaque-{page.after}"
        return page

    middle = ids_of(portal, "contacts")[_PEOPLE // 2]
    monkeypatch.setattr(ObjectCalls, "list_page", with_own_cursors)
    with capture_logs() as logs:
        run = pulling.pulled(connection_id)
    assert _doubts(logs) == ["opaque_cursor"]
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert _is_complete(portal)


def test_ids_of_different_lengths_are_numbers(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    portal.skip_ids("companies", 99_999_900_000)
    for number in range(50):
        portal.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
    portal.settings(search_delay_s=0)
    assert {len(one) for one in ids_of(portal, "companies")} == {11, 12}
    with capture_logs() as logs:
        run = pulling.pulled(connection_id)
    assert not _doubts(logs)
    assert sum(run.counts["companies"].values()) == _FIRMS + 50
    assert _is_complete(portal)


def test_a_list_whose_ids_do_not_rise_is_read_by_one_reader(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As texts, the long ids come first and the short ones behind them."""
    several_readers(monkeypatch)
    portal.skip_ids("companies", 99_999_990_000)
    for number in range(50):
        portal.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
    portal.settings(search_delay_s=0, list_order="text")
    with capture_logs() as logs:
        run = pulling.pulled(connection_id)
    assert _doubts(logs) in (["ids_fall"], ["opaque_cursor"])
    assert sum(run.counts["companies"].values()) == _FIRMS + 50
    assert _is_complete(portal)


def test_an_object_archived_at_a_boundary_while_it_is_read_leaves_all_others(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next part has it as its first; the list of the part before leads past it."""
    several_readers(monkeypatch)
    gone: list[str] = []

    def act(kind: str, after: str | None, page: Page) -> None:
        is_ahead = after is not None and page.results and page.results[0].id == after
        if kind == "contacts" and is_ahead and not gone and after in boundaries:
            gone.append(after or "")
            portal.archive("contacts", after or "")

    boundaries = _boundaries(monkeypatch)
    at_each_list(monkeypatch, act)
    with capture_logs() as logs:
        run = pulling.pulled(connection_id)
    assert gone, "a boundary was met"
    assert set(_doubts(logs)) <= {"seam_open"}
    assert run.state == "finished"
    assert _taken("contacts") >= set(ids_of(portal, "contacts"))
    assert sum(run.counts["contacts"].values()) in (_PEOPLE, _PEOPLE - 1)


def _boundaries(patch: pytest.MonkeyPatch) -> set[str]:
    """The boundaries that searches find from now on."""
    found: set[str] = set()
    real = readers_module.found_at

    def found_at(*args: Any) -> tuple[int | None, int]:
        answer = real(*args)
        found.add(str(answer[0]))
        return answer

    patch.setattr(readers_module, "found_at", found_at)
    return found


def test_what_is_made_while_the_list_is_read_is_read_with_the_last_part(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    made: list[str] = []
    one_at_a_time = threading.Lock()

    def act(kind: str, after: str | None, _: Page) -> None:
        with one_at_a_time:
            if kind == "contacts" and after is not None and len(made) < 40:
                email = f"l{len(made)}@x.de"
                made.append(portal.create("contacts", {"firstname": "Late", "email": email})["id"])

    at_each_list(monkeypatch, act)
    run = pulling.pulled(connection_id)
    assert run.state == "finished"
    assert len(made) > 10
    assert _taken("contacts") >= set(ids_of(portal, "contacts")) - set(made[-1:])


def test_a_refusal_of_a_part_that_is_read_ahead_is_no_refusal_of_the_list(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A portal may accept no cursors but those that it has handed out."""
    several_readers(monkeypatch)
    handed_out: set[str | None] = {None}
    listed = ObjectCalls.list_page

    def strict(self: Any, kind: str, names: Any, after: str | None = None, **more: Any) -> Page:
        if after not in handed_out:
            raise PermanentError("Invalid paging cursor.", status=400)
        page = listed(self, kind, names, after, **more)
        handed_out.add(page.after)
        return page

    monkeypatch.setattr(ObjectCalls, "list_page", strict)
    with capture_logs() as logs:
        run = pulling.pulled(connection_id)
    assert run.state == "finished"
    assert set(_doubts(logs)) == {"refused"}
    assert _is_complete(portal)


def test_a_reader_outlives_a_search_that_fails_for_whatever_reason(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as the database being away when its client is opened; else the others might wait for ever."""
    several_readers(monkeypatch)
    failed: list[str] = []

    def away(*_: Any) -> None:
        failed.append(threading.current_thread().name)
        raise OperationalError("SELECT", None, ConnectionError("away"))

    monkeypatch.setattr(readers_module, "found_at", away)
    run = finished_in_the_end(pulling.pulled(connection_id))
    assert failed
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert _is_complete(portal)


def test_trouble_of_one_reader_is_met_where_its_pages_are_due(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    pulling.hasty_retries(monkeypatch)
    portal.fault("status", status=502, method="GET", path="*/objects/*contacts", times=12, after=9)
    run = finished_in_the_end(pulling.pulled(connection_id))
    assert sum(run.counts["contacts"].values()) == _PEOPLE
    assert _is_complete(portal)


@pytest.mark.every_database
@pytest.mark.parametrize("call", [1, 3, 6, 9])
def test_a_worker_killed_at_any_page_is_followed_by_one_that_goes_on(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    several_readers(monkeypatch)
    # So that every page is one of its own.
    monkeypatch.setattr(type(current_services().database), "has_waiting_writer", lambda _: True)
    run_id = pulling.begun(connection_id)
    with killed_after(bulk_pull, "apply_with_companies", call), pytest.raises(PowerCutError):
        pulling.worked_off(run_id)
    run = pulling.worked_off(_taken_over(run_id))
    assert run.state == "finished"
    assert (sum(run.counts["companies"].values()), sum(run.counts["contacts"].values())) == (_FIRMS, _PEOPLE)
    assert _is_complete(portal)
    assert len(set(_outcomes(run))) == len(_outcomes(run))


def _taken_over(run_id: int) -> int:
    """The sweep finds that nobody works on the run."""
    current_services().redis.flushall()
    lifecycle.sweep(current_services())
    return run_id


def test_a_cancelled_run_stops_its_readers(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    run_id = pulling.begun(connection_id)
    pages = iter(range(99))

    def cancelled_behind_some_pages(*_: object) -> None:
        if next(pages) == 4:
            lifecycle.cancel(current_services(), run_id)

    monkeypatch.setattr(bulk_pull, "run_changed", cancelled_behind_some_pages)
    run = pulling.worked_off(run_id)
    assert run.state == "cancelled"
    calls = portal.counts()["calls"]
    assert not [one for one in threading.enumerate() if one.name.startswith("reader")]
    assert portal.counts()["calls"] == calls


def test_a_run_begun_by_an_earlier_version_goes_on(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        one_reader(patch)
        pulling.short_slices(patch)
        run_id = pulling.begun(connection_id)
        for _ in range(3):
            run = pulling.one_slice(run_id)
    known = ("object_type", "after", "started_at", "is_end")
    pulling.change(run_id, checkpoint={name: run.checkpoint[name] for name in known})
    several_readers(monkeypatch)
    run = pulling.worked_off(run_id)
    assert sum(run.counts["companies"].values()) == _FIRMS
    assert _is_complete(portal)


def test_what_is_read_ahead_is_bounded(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The front part's page is kept back until the readers of the others have come as far as they may."""
    several_readers(monkeypatch)
    monkeypatch.setattr(readers_module, "MOST_WAITING", 6)
    most: list[int] = []
    real = readers_module.Readers.may_read

    def may_read(self: Any, index: int) -> bool:
        most.append(self.parts.pages)
        return real(self, index)

    monkeypatch.setattr(readers_module.Readers, "may_read", may_read)
    pulling.pulled(connection_id)
    assert _is_complete(portal)
    assert 1 < max(most) <= 6 + 4 + 16


def test_a_preview_by_several_readers_foretells_the_run(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    several_readers(monkeypatch)
    preview = pulling.worked_off(pulling.begun(connection_id, is_preview=True))
    assert searches(portal) > _AT_FIRST + 1
    run = pulling.pulled(connection_id)
    assert (preview.state, preview.counts) == ("finished", run.counts)
    assert _outcomes(preview) == _outcomes(run)
