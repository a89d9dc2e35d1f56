"""What is asked about an object ends with it, whoever finds out that HubSpot has it no more (B24, B32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, objects, pushed
from webapp.domain.webhooks.events import read_events
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database


def _event_comes(connection_id: int, firm: str) -> None:
    events = read_events([webhook_event("company.deletion", firm)]).events
    with writing() as session:
        inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
    pulling.looked_again(connection_id)


def _everything_is_compared(connection_id: int, _firm: str) -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    pulling.worked_off(started.run_id)
    pulling.looked_again(connection_id)


def _a_person_decides(connection_id: int, firm: str) -> None:
    pulling.decided(pulling.left_out_of(firm, "companies").id, "link", 1)
    pulling.looked_again(connection_id)


@pytest.fixture
def firm(connection_id: int, sandbox: SandboxServer) -> str:
    """An object that a pull and a push have held, with a contact that waits for it; then it is deleted."""
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    make_company(name="Birke Druckwerk", city="Ulm", domain=None)
    there: str = sandbox.create("companies", {"name": "Birke Druck", "city": "Ulm"})["id"]
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@birke.de"}, [there])
    pulling.pulled(connection_id)
    pushed(connection_id)
    assert [one.reason for one in held()] == ["candidate_of_held"]
    assert {one.state for one in pulling.left_out()} == {"held", "waiting"}
    sandbox.archive("companies", there)
    return there


@pytest.mark.parametrize("found_out", [_event_comes, _everything_is_compared, _a_person_decides])
def test_a_deleted_object_asks_nothing_and_nobody_waits_for_it(
    connection_id: int, sandbox: SandboxServer, firm: str, found_out: Callable[[int, str], None]
) -> None:
    found_out(connection_id, firm)
    assert held() == []
    assert [(one.object_type, one.reason) for one in pulling.left_out()] == [("contacts", "no_company")]
    assert pushed(connection_id).counts["companies"] == {"created": 1}
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Birke Druckwerk"]


@pytest.mark.parametrize("found_out", [_event_comes, _everything_is_compared])
def test_a_deleted_object_that_was_skipped_keeps_no_record_from_being_pushed(
    connection_id: int, sandbox: SandboxServer, firm: str, found_out: Callable[[int, str], None]
) -> None:
    pulling.decided(pulling.left_out_of(firm, "companies").id, "skip")
    found_out(connection_id, firm)
    pulling.looked_again(connection_id)
    assert held() == []
    assert [(one.object_type, one.reason) for one in pulling.left_out()] == [("contacts", "no_company")]
    assert pushed(connection_id).counts["companies"] == {"created": 1}
    assert [one["name"] for one in objects(sandbox, "companies", "name")] == ["Birke Druckwerk"]


def test_a_comparison_keeps_the_questions_about_what_is_there(
    connection_id: int, sandbox: SandboxServer, firm: str
) -> None:
    sandbox.restore("companies", firm)
    _everything_is_compared(connection_id, firm)
    assert pulling.left_out_of(firm, "companies").state == "held"
    assert [one.reason for one in held()] == ["candidate_of_held"]
