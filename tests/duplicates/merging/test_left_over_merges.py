"""A merge in HubSpot whose run ended before it could log it: completed by whoever comes next, once (B46)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.faults.kills import PowerCutError, killed_after
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.duplicates import list_pair, pairs_listed
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.hubspot.client import HubSpotClient
from webapp.models import Run, User
from webapp.store.duplicates import pairs
from webapp.usecases.connection.portal import open_client
from webapp.usecases.duplicates import merge_in_hubspot, merge_run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle

_MERGED = [(1, "updated", "merged_both")]


@pytest.fixture
def both(sandbox: SandboxServer, connection_id: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two linked companies, as numbers 1 and 2; their objects."""
    pulling.hasty_retries(monkeypatch)
    names = (("Nordlicht Verlag", "n0.de"), ("Nordlicht Verlag GmbH", "n1.de"))
    objects = [sandbox.create("companies", {"name": name, "domain": one}) for name, one in names]
    pulling.pulled(connection_id)
    if not pairs_listed():
        list_pair("companies", 1, 2)
    return str(objects[0]["id"]), str(objects[1]["id"])


@pytest.fixture
def cut(both: tuple[str, str], administrator: User) -> Run:
    """A merge of the two that HubSpot has carried out, and whose run was killed and cancelled then."""
    assert both
    run_id = _begun(administrator)
    with killed_after(merge_in_hubspot, "finish", 1), pytest.raises(PowerCutError):
        pulling.worked_off(run_id)
    lifecycle.cancel(current_services(), run_id)
    return pulling.run_of(run_id)


def _begun(user: User) -> int:
    options = MergeDuplicatesOptions(records=(1, 2), stays=1, is_also_there=True)
    return merge_run.start(current_services(), options, user_id=user.id).run_id


def _killed_ahead_of_the_call(run_id: int) -> None:
    """The merge was announced, and HubSpot never heard of it."""

    def die(*_: object, **__: object) -> None:
        raise PowerCutError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge_in_hubspot, "carry_out", die)
        with pytest.raises(PowerCutError):
            pulling.worked_off(run_id)


def _ended(run: Run) -> list[tuple[int | None, str, str | None]]:
    return [(one.record_id, one.outcome, one.reason) for one in pulling.entries(run.id)]


def _reconciled() -> Run:
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None)
    return pulling.worked_off(started.run_id)


def _client(connection_id: int) -> HubSpotClient:
    return open_client(current_services(), connection_id)


def _completed(connection_id: int) -> None:
    client = _client(connection_id)
    merge_in_hubspot.complete_left_over(current_services(), client, connection_id, gives_up=True)


@pytest.mark.one_database
def test_a_reconcile_completes_the_log_and_merges_the_records(cut: Run, sandbox: SandboxServer) -> None:
    assert _ended(cut) == []
    assert _reconciled().state == "finished"
    assert _ended(cut) == _MERGED
    [link] = pulling.links("companies")
    assert (link.record_id, sandbox.counts()["companies"]) == (1, 1)
    assert [row.announced for row in pairs_listed()] == [None]


def test_a_record_that_was_deleted_meanwhile_takes_no_entry_along(cut: Run) -> None:
    assert deleted("companies", 2).counts == {"companies": {"updated": 1}}
    _reconciled()
    assert _ended(cut) == _MERGED
    assert [one.id for one in pulling.companies()] == [1]
    assert pairs_listed() == []


def test_two_who_find_it_at_once_log_it_once(
    cut: Run, connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merge_in_hubspot._concluded

    def overtaken(*args: object) -> list[int]:
        monkeypatch.setattr(merge_in_hubspot, "_concluded", real)
        _completed(connection_id)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(merge_in_hubspot, "_concluded", overtaken)
    _completed(connection_id)
    assert _ended(cut) == _MERGED


def test_a_call_that_comes_in_behind_a_reconcile_is_logged_by_the_next_one(
    both: tuple[str, str], administrator: User, sandbox: SandboxServer
) -> None:
    """HubSpot goes on with a call when the process that made it has ended."""
    run_id = _begun(administrator)
    _killed_ahead_of_the_call(run_id)
    lifecycle.cancel(current_services(), run_id)
    _reconciled()
    sandbox.merge("companies", *both)
    _reconciled()
    assert _ended(pulling.run_of(run_id)) == _MERGED
    assert [row.announced for row in pairs_listed()] == [None]


def test_a_call_that_never_came_in_is_forgotten_in_the_end(
    both: tuple[str, str], administrator: User
) -> None:
    assert both
    run_id = _begun(administrator)
    _killed_ahead_of_the_call(run_id)
    lifecycle.cancel(current_services(), run_id)
    with writing() as session:
        session.get_one(Run, run_id).finished_at = datetime.now(UTC) - timedelta(hours=1)
    _reconciled()
    assert [row.announced for row in pairs_listed()] == [None]
    assert _ended(pulling.run_of(run_id)) == []


@pytest.mark.one_database
def test_an_object_that_a_person_merged_into_a_third_one_was_not_merged_by_us(
    both: tuple[str, str], administrator: User, sandbox: SandboxServer
) -> None:
    run_id = _begun(administrator)
    _killed_ahead_of_the_call(run_id)
    lifecycle.cancel(current_services(), run_id)
    third = sandbox.create("companies", {"name": "Ostwind", "domain": "o.de"})["id"]
    sandbox.merge("companies", third, both[1])
    _reconciled()
    assert _ended(pulling.run_of(run_id)) == []
    assert [one.id for one in pulling.companies()] == [1, 2], "two records, of two objects"


@pytest.mark.one_database
def test_a_run_that_works_is_left_alone(
    both: tuple[str, str], administrator: User, connection_id: int
) -> None:
    assert both
    run_id = _begun(administrator)
    _killed_ahead_of_the_call(run_id)
    _completed(connection_id)
    [row] = pairs_listed()
    assert row.announced is not None
    bound_jobs()
    assert pulling.wait_is_over(run_id).state == "finished"
    with reading() as session:
        assert pairs.between(session, "companies", 1, 2) is not None
    assert _ended(pulling.run_of(run_id)) == _MERGED


def test_an_odd_answer_to_a_merge_is_none_that_refuses_it(
    both: tuple[str, str], sandbox: SandboxServer, administrator: User
) -> None:
    """HubSpot has carried it out, and cannot take it back: the log has to tell it."""
    sandbox.fault("odd", path="*/companies/merge", oddity="date")
    run = pulling.worked_off(_begun(administrator))
    assert run.waiting_for == "hubspot_unreachable"
    run = pulling.wait_is_over(run.id)
    logged = [(one.record_id, one.outcome, one.reason) for one in pulling.entries(run.id)]
    assert (run.state, logged) == ("finished", _MERGED)
    assert pulling.links("companies")[0].remote_id not in both


def test_a_batch_that_is_silent_about_an_object_does_not_prove_it_gone(
    both: tuple[str, str], sandbox: SandboxServer, administrator: User
) -> None:
    assert both
    sandbox.fault("odd", path="*/companies/batch/read", oddity="empty_page")
    run = pulling.worked_off(_begun(administrator))
    assert [(one.record_id, one.outcome, one.reason) for one in pulling.entries(run.id)] == _MERGED
