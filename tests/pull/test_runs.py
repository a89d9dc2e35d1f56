"""The run around a pull: asked for twice, queued, cancelled, counted, and what the first one sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.errors import RefusedError
from webapp.hubspot.http import transport
from webapp.models import Connection
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.pull.with_companies import apply_with_companies
from webapp.usecases.runs import lifecycle, slices


@pytest.fixture(autouse=True)
def _six_companies(sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six companies, read two at a time, a page a slice."""
    pulling.short_pages(monkeypatch, 2)
    pulling.short_slices(monkeypatch)
    for number in range(6):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"f{number}.de"})


def _started(connection_id: int, kind: str = "pull") -> lifecycle.Started:
    return lifecycle.start(
        current_services(), kind, connection_id=connection_id, trigger="button", started_by_id=None
    )


def test_asking_again_leads_to_the_open_run(connection_id: int) -> None:
    """B13."""
    first = _started(connection_id)
    assert first.is_new
    assert _started(connection_id) == (first.run_id, False)
    pulling.one_slice(first.run_id)
    assert _started(connection_id) == (first.run_id, False)
    pulling.worked_off(first.run_id)
    assert _started(connection_id).is_new


def test_another_kind_of_run_waits_until_the_pull_has_ended(connection_id: int) -> None:
    """B13."""
    first, second = _started(connection_id), _started(connection_id, "push")
    assert second.is_new
    assert pulling.run_of(second.run_id).state == "queued"
    assert pulling.one_slice(first.run_id).state == "running"
    assert pulling.run_of(second.run_id).state == "queued"
    pulling.worked_off(first.run_id)
    assert pulling.run_of(second.run_id).state == "running"


def test_a_cancelled_pull_keeps_and_counts_what_it_did(connection_id: int, sandbox: SandboxServer) -> None:
    run_id = pulling.begun(connection_id)
    run = pulling.one_slice(run_id)
    assert lifecycle.cancel(current_services(), run_id)
    calls = sandbox.counts()["calls"]
    slices.run_slice(current_services(), run_id, run.fence, bulk_pull.work)
    run = pulling.run_of(run_id)
    assert (run.state, run.counts, run.last_seq) == ("cancelled", {"companies": {"created": 2}}, 2)
    assert run.finished_at is not None
    assert len(pulling.companies()) == len(pulling.entries(run_id)) == 2
    assert sandbox.counts()["calls"] == calls, "a cancelled run speaks with HubSpot no more"
    assert not lifecycle.cancel(current_services(), run_id)
    assert pulling.pulled(connection_id).counts["companies"] == {"unchanged": 2, "created": 4}


def test_a_slice_that_was_overtaken_writes_nothing(
    connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that a killed worker left must do no harm, even in the middle of its page."""
    run_id = pulling.begun(connection_id)
    fence = pulling.run_of(run_id).fence

    def overtaken(*page: object, **how: bool) -> None:
        lifecycle.enqueue_next_slice(current_services(), run_id, pulling.run_of(run_id).fence)
        apply_with_companies(*page, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk_pull, "apply_with_companies", overtaken)
    slices.run_slice(current_services(), run_id, fence, bulk_pull.work)
    assert pulling.companies() == []
    assert pulling.run_of(run_id).counts == {}
    monkeypatch.setattr(bulk_pull, "apply_with_companies", apply_with_companies)
    assert pulling.worked_off(run_id).counts["companies"] == {"created": 6}


def test_the_calls_of_a_pull_are_counted_on_it(connection_id: int, sandbox: SandboxServer) -> None:
    """B41."""
    before = sandbox.counts()["calls"]
    run = pulling.pulled(connection_id)
    assert run.api_calls == sandbox.counts()["calls"] - before > 5


@pytest.mark.one_database
def test_calls_of_a_pull_that_waited_and_failed_are_counted_too(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B41."""
    pulling.hasty_retries(monkeypatch)
    before = sandbox.counts()["calls"]
    sandbox.fault("status", status=502, times=5, after=2, path="/crm/objects/*", method="GET")
    run = pulling.pulled(connection_id)
    assert run.waiting_for == "hubspot_unreachable"
    assert run.api_calls == sandbox.counts()["calls"] - before
    sandbox.fault("status", status=400, after=1, path="/crm/objects/*", method="GET")
    run = pulling.wait_is_over(run.id)
    assert (run.state, run.error) == ("failed", "refused")
    assert run.api_calls == sandbox.counts()["calls"] - before


@pytest.mark.one_database
def test_the_first_pull_sets_the_watermark_to_hubspots_time_when_it_began(
    connection_id: int, sandbox: SandboxServer
) -> None:
    assert pulling.connection_of(connection_id).first_pull_finished_at is None
    run_id = pulling.begun(connection_id)
    began = datetime.now(UTC).replace(microsecond=0)
    pulling.one_slice(run_id)
    first_page_at = datetime.now(UTC)
    assert pulling.connection_of(connection_id).watermark is None
    sandbox.update("companies", _first_id(sandbox), {"city": "Bremen"})
    run = pulling.worked_off(run_id)
    connection = pulling.connection_of(connection_id)
    assert connection.watermark is not None
    assert connection.first_pull_finished_at is not None
    assert began <= connection.watermark <= first_page_at
    assert connection.first_pull_finished_at >= connection.watermark
    assert connection.first_pull_finished_at <= (run.finished_at or began)


@pytest.mark.one_database
def test_a_date_of_another_age_makes_no_first_watermark(
    connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "http_date", lambda _: datetime(2999, 1, 1, tzinfo=UTC))
    pulling.pulled(connection_id)
    watermark = pulling.connection_of(connection_id).watermark
    assert watermark is not None
    assert watermark <= datetime.now(UTC)


@pytest.mark.one_database
def test_later_pulls_do_not_move_the_watermark(connection_id: int) -> None:
    pulling.pulled(connection_id)
    then = datetime.now(UTC) - timedelta(days=3)
    with writing() as session:
        session.get_one(Connection, connection_id).watermark = then
    pulling.pulled(connection_id)
    assert pulling.connection_of(connection_id).watermark == then


@pytest.mark.one_database
def test_a_pull_that_did_not_finish_sets_no_watermark(connection_id: int) -> None:
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    lifecycle.cancel(current_services(), run_id)
    assert pulling.connection_of(connection_id).first_pull_finished_at is None
    assert pulling.connection_of(connection_id).watermark is None


@pytest.mark.one_database
def test_nothing_starts_on_a_connection_that_does_not_work(
    connection_id: int, sandbox: SandboxServer
) -> None:
    sandbox.revoke_tokens()
    pulling.pulled(connection_id)
    with pytest.raises(RefusedError, match=r"^not_connected$"):
        _started(connection_id)


def _first_id(sandbox: SandboxServer) -> str:
    found = sandbox.api("GET", "/crm/v3/objects/companies", params={"limit": 1}).json()["results"]
    return str(found[0]["id"])
