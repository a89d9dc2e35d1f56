"""What runs automatically and is refused tries less and less often, in one run, and says why (B26, B45)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, writing
from tests.support.applications.turns import take_turns
from tests.support.clocks.hours import ten_past_the_next_hour
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.errors import RefusedError
from webapp.models import InboxEvent, OutboxRecord, Run, User
from webapp.text.refusals import stored_text
from webapp.usecases.connection import connect
from webapp.usecases.push import automatic as automatic_push

pytestmark = pytest.mark.one_database

SCOPES = ["crm.objects.contacts.write", "crm.objects.contacts.read"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time, at ten past the next full hour, so that no test is cut in two by the end of an hour."""
    with ten_past_the_next_hour() as traveller:
        yield traveller


@pytest.fixture
def contact(connection_id: int, sandbox: SandboxServer, clock: time_machine.Traveller) -> str:
    """A contact of one company, here and in HubSpot; the connection has just lost its right to contacts."""
    assert clock
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    number = str(sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])["id"])
    pulling.pulled(connection_id)
    sandbox.settings(withheld_scopes=SCOPES)
    return number


def _all(kind: str) -> list[Run]:
    return pulling.all_rows(Run, kind=kind)


def _one(kind: str) -> Run:
    found = _all(kind)
    assert len(found) == 1, [(run.id, run.state, run.error) for run in found]
    return found[0]


def _minutes_left(run: Run) -> float:
    assert run.not_before is not None
    return (run.not_before - datetime.now(UTC)) / timedelta(minutes=1)


def _calls(sandbox: SandboxServer) -> int:
    return sum(sandbox.counts()["calls_by_route"].values())


def _city_there(sandbox: SandboxServer, number: str) -> str | None:
    city: str | None = sandbox.get("contacts", number)["properties"].get("city")
    return city


@pytest.mark.every_database
def test_a_refused_automatic_push_is_one_run_and_one_try_until_its_time_comes(
    contact: str, sandbox: SandboxServer, clock: time_machine.Traveller
) -> None:
    edit(city="Bonn")
    take_turns()
    run = _one("auto_push")
    assert (run.state, run.waiting_for, run.attempts, _minutes_left(run)) == (
        "running",
        "missing_scopes",
        1,
        1,
    )
    assert SCOPES[1] in (run.error_text or "")
    before = _calls(sandbox)
    edit(city="Ulm")
    take_turns(30)
    assert (_one("auto_push").attempts, _calls(sandbox)) == (1, before)
    tries = []
    # The third one is waited for beyond the end of the hour.
    for minutes in (1, 5, 15, 15, 15):
        clock.shift(timedelta(minutes=minutes))
        take_turns()
        run = _one("auto_push")
        tries.append((run.attempts, _minutes_left(run)))
    assert tries == [(2, 5), (3, 15), (4, 15), (5, 15), (6, 15)]
    sandbox.settings(withheld_scopes=[])
    clock.shift(timedelta(minutes=14))
    take_turns()
    assert _one("auto_push").attempts == 6
    clock.shift(timedelta(minutes=1))
    take_turns()
    run = _one("auto_push")
    assert (run.state, run.error, run.error_text, run.waiting_for) == ("finished", None, None, None)
    assert (run.attempts, run.waiting_since) == (0, None)
    assert _city_there(sandbox, contact) == "Ulm"
    assert not pulling.all_rows(OutboxRecord)


def test_a_refused_refresh_waits_in_one_run_and_then_goes_on(
    contact: str, sandbox: SandboxServer, hubspot: FlaskClient, clock: time_machine.Traveller
) -> None:
    sandbox.update("contacts", contact, {"phone": "9"})
    changed = webhook_event("contact.propertyChange", contact, propertyName="phone", propertyValue="9")
    deliver(hubspot, [changed])
    take_turns()
    run = _one("refresh")
    assert (run.state, run.waiting_for, run.attempts, _minutes_left(run)) == (
        "running",
        "missing_scopes",
        1,
        1,
    )
    before = _calls(sandbox)
    for _ in range(10):
        deliver(hubspot, [changed])
        take_turns(2)
    assert (_one("refresh").attempts, _calls(sandbox)) == (1, before)
    sandbox.settings(withheld_scopes=[])
    clock.shift(timedelta(minutes=1))
    take_turns()
    assert _one("refresh").state == "finished"
    assert pulling.contacts()[0].phone == "9"
    assert not pulling.all_rows(InboxEvent)


def test_a_refused_look_for_missed_changes_waits_in_one_run(
    connection_id: int, contact: str, sandbox: SandboxServer, clock: time_machine.Traveller
) -> None:
    assert contact
    pulling.forget_looks(connection_id)
    take_turns()
    run = _one("reconcile")
    assert (run.state, run.waiting_for, run.attempts) == ("running", "missing_scopes", 1)
    for _ in range(4):
        clock.shift(timedelta(minutes=15))
        take_turns()
    assert _one("reconcile").attempts == 5
    sandbox.settings(withheld_scopes=[])
    clock.shift(timedelta(minutes=15))
    take_turns(1)
    assert pulling.run_of(run.id).state == "finished"


def test_a_test_of_the_connection_that_succeeds_lets_it_go_on_at_once(
    connection_id: int, contact: str, sandbox: SandboxServer, clock: time_machine.Traveller
) -> None:
    edit(city="Bonn")
    take_turns()
    clock.shift(timedelta(minutes=1))
    take_turns()
    clock.shift(timedelta(minutes=5))
    take_turns()
    with pytest.raises(RefusedError):
        connect.test(current_services(), connection_id)
    take_turns()
    assert (_one("auto_push").attempts, _minutes_left(_one("auto_push"))) == (3, 15)
    sandbox.settings(withheld_scopes=[])
    connect.test(current_services(), connection_id)
    take_turns(2)
    assert _one("auto_push").state == "finished"
    assert _city_there(sandbox, contact) == "Bonn"


def test_connecting_again_lets_it_go_on_at_once(contact: str, sandbox: SandboxServer) -> None:
    edit(city="Bonn")
    take_turns()
    sandbox.settings(withheld_scopes=[])
    pulling.connected()
    take_turns(2)
    assert _one("auto_push").state == "finished"
    assert _city_there(sandbox, contact) == "Bonn"


def test_a_dead_token_begins_nothing_until_connected_again_and_then_goes_on_in_the_same_run(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    sandbox.settings(withheld_scopes=[])
    sandbox.revoke_tokens()
    edit(city="Bonn")
    take_turns()
    run, before = _one("auto_push"), _calls(sandbox)
    assert (run.state, run.error) == ("failed", "reconnect")
    assert pulling.connection_of(connection_id).state == "failing"
    edit(city="Ulm")
    take_turns(20)
    assert (_one("auto_push").state, _calls(sandbox)) == ("failed", before)
    sandbox.restore_tokens()
    pulling.connected()
    take_turns(2)
    run = _one("auto_push")
    assert (run.state, run.error, run.error_text) == ("finished", None, None)
    assert _city_there(sandbox, contact) == "Ulm"


def test_after_a_day_a_refused_run_fails_and_the_next_one_backs_off_as_well(
    contact: str, clock: time_machine.Traveller
) -> None:
    assert contact
    edit(city="Bonn")
    take_turns()
    for _ in range(8):
        clock.shift(timedelta(minutes=16))
        take_turns()
    clock.shift(timedelta(hours=24))
    take_turns(30)
    first, second = _all("auto_push")
    assert (first.state, first.error) == ("failed", "waited_too_long")
    assert first.error_text is not None
    assert f"Any of these would do: {SCOPES[1]}." in stored_text(first.error_text)
    assert (second.state, second.waiting_for, second.attempts) == ("running", "missing_scopes", 1)


def test_a_mistake_of_ours_backs_off_as_well(
    contact: str, sandbox: SandboxServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise ValueError(f"it is broken by {contact}")

    sandbox.settings(withheld_scopes=[])
    edit(city="Bonn")
    with monkeypatch.context() as patch:
        patch.setattr(automatic_push, "work_on", broken)
        take_turns()
    run = _one("auto_push")
    assert (run.state, run.waiting_for, run.attempts) == ("running", "unexpected", 1)
    assert run.error_text == "ValueError: it is broken by …", "what is shown and kept quotes no value"
    clock.shift(timedelta(minutes=1))
    take_turns()
    assert _one("auto_push").state == "finished"
    assert _city_there(sandbox, contact) == "Bonn"


def test_an_edit_of_a_record_that_is_not_here_any_more_is_no_endless_work(connection_id: int) -> None:
    """As an undo leaves one that removes a new record and sends what it puts back."""
    row = {"connection_id": connection_id, "object_type": "contacts", "record_id": 999, "version": "v"}
    with writing() as session:
        session.add(OutboxRecord(edited_at=datetime.now(UTC), **row))
    take_turns(2)
    fence = _one("auto_push").fence
    take_turns(3)
    assert (_one("auto_push").state, _one("auto_push").fence) == ("finished", fence)
    assert not pulling.all_rows(OutboxRecord)


def test_the_page_of_a_refused_run_says_why_what_to_do_and_when_it_is_tried_again(
    contact: str, logged_in: Callable[[User], FlaskClient], member: User
) -> None:
    assert contact
    edit(city="Bonn")
    take_turns()
    run = _one("auto_push")
    assert run.not_before is not None
    page = logged_in(member).get(f"/sync-log/{run.id}").text
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
    assert "The connection lacks a permission that this needs. Grant it to the app in HubSpot" in text
    assert f"It is tried again at {run.not_before:%-d %b %Y, %H:%M} UTC" in text
    assert SCOPES[1] in text


def test_a_pull_that_somebody_started_still_fails_at_once(connection_id: int, contact: str) -> None:
    assert contact
    run = pulling.pulled(connection_id)
    assert (run.state, run.error, run.not_before) == ("failed", "missing_scopes", None)
