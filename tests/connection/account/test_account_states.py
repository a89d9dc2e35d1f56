"""What keeps an account from being synced: sync pauses, pages and a mail say why, and it resumes (B45)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.applications.turns import take_turns
from tests.support.clocks.hours import ten_past_the_next_hour
from tests.support.samples.factories import make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.domain.runs.outcomes import FAILED
from webapp.errors import RefusedError, problem
from webapp.models import Mail, Run, User
from webapp.store.connection import connections, troubles
from webapp.usecases.connection import connect

pytestmark = pytest.mark.one_database

STATES = {402: "plan_expired", 421: "account_moved", 488: "account_moved"}
STATES |= {451: "account_refused", 308: "account_refused"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time, at ten past the next full hour."""
    with ten_past_the_next_hour() as traveller:
        yield traveller


@pytest.fixture
def contact(
    in_app: Flask, sandbox: SandboxServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A contact of one company, here and in HubSpot."""
    assert in_app
    assert clock
    pulling.hasty_retries(monkeypatch)
    connection_id = pulling.connected()
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    number = str(sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])["id"])
    pulling.pulled(connection_id)
    return number


def _trouble() -> str | None:
    with reading() as session:
        trouble = troubles.lasting(connections.current(session))
    return trouble.code if trouble is not None else None


def _calls(sandbox: SandboxServer) -> int:
    return int(sandbox.counts()["calls"])


def _mails() -> list[str]:
    return [mail.recipient for mail in pulling.all_rows(Mail) if mail.run_id is None]


def _everything_is(sandbox: SandboxServer, status: int) -> None:
    sandbox.fault("status", status=status, path="/crm/*", times=None)


@pytest.mark.usefixtures("member")
@pytest.mark.parametrize(("status", "code"), list(STATES.items()))
def test_a_state_of_the_account_pauses_and_is_probed_by_one_call_and_resumes(
    *,
    contact: str,
    sandbox: SandboxServer,
    clock: time_machine.Traveller,
    administrator: User,
    status: int,
    code: str,
) -> None:
    _everything_is(sandbox, status)
    edit(city="Bonn")
    take_turns()
    assert _trouble() == code
    assert pulling.connection_of(1).state == "connected"
    assert _mails() == [administrator.email]
    [run] = pulling.all_rows(Run, kind="auto_push")
    assert (run.state, run.waiting_for, run.attempts) == ("running", code, 1)
    assert not [entry for entry in pulling.entries(run.id) if entry.outcome == FAILED]
    spent = []
    for minutes in (1, 5, 15, 15, 15):
        clock.shift(timedelta(minutes=minutes))
        before = _calls(sandbox)
        take_turns()
        spent.append(_calls(sandbox) - before)
    # One call and, since it could be a whim, its one repetition.
    assert spent == [2] * 5
    assert len(pulling.all_rows(Run, kind="auto_push")) == 1
    assert _mails() == [administrator.email]
    sandbox.clear_faults()
    clock.shift(timedelta(minutes=15))
    take_turns()
    assert _trouble() is None
    assert pulling.run_of(run.id).state == "finished"
    assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"


def test_a_single_odd_answer_is_no_state_of_the_account(contact: str, sandbox: SandboxServer) -> None:
    sandbox.fault("status", status=488, path="/crm/*", times=1)
    edit(city="Bonn")
    take_turns()
    assert _trouble() is None
    assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"


@pytest.mark.every_database
def test_a_trouble_that_a_probe_does_not_meet_is_mailed_once_and_backs_off_all_the_same(
    contact: str, sandbox: SandboxServer, clock: time_machine.Traveller, administrator: User
) -> None:
    assert contact
    sandbox.fault("status", status=488, path="/crm/objects/*/contacts/batch/update", times=None)
    edit(city="Bonn")
    take_turns()
    for minutes in (1, 5, 15, 15):
        clock.shift(timedelta(minutes=minutes))
        take_turns()
    [run] = pulling.all_rows(Run, kind="auto_push")
    assert (run.state, run.attempts) == ("running", 5)
    assert _mails() == [administrator.email]


def test_a_withheld_permission_to_write_is_probed_without_writing(
    contact: str, sandbox: SandboxServer, clock: time_machine.Traveller, administrator: User
) -> None:
    sandbox.settings(withheld_scopes=["crm.objects.contacts.write"])
    edit(city="Bonn")
    take_turns()
    assert _trouble() == "missing_scopes"
    assert _mails() == [administrator.email]
    changes, before = sandbox.counts()["changes"], _calls(sandbox)
    clock.shift(timedelta(minutes=1))
    take_turns()
    assert _calls(sandbox) - before == 1
    sandbox.settings(withheld_scopes=[])
    clock.shift(timedelta(minutes=5))
    take_turns()
    assert _trouble() is None
    assert sandbox.counts()["changes"] == changes + 1
    assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"


def test_a_test_of_the_connection_ends_the_pause_at_once(contact: str, sandbox: SandboxServer) -> None:
    _everything_is(sandbox, 488)
    edit(city="Bonn")
    take_turns()
    sandbox.fault("status", status=488, path="/account-info/*", times=2)
    with pytest.raises(RefusedError, match="account_moved"):
        connect.test(current_services(), 1)
    assert _trouble() == "account_moved"
    sandbox.clear_faults()
    connect.test(current_services(), 1)
    take_turns(2)
    assert _trouble() is None
    assert sandbox.get("contacts", contact)["properties"]["city"] == "Bonn"


def test_before_a_first_pull_the_account_is_probed_all_the_same(
    in_app: Flask, sandbox: SandboxServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_app
    pulling.hasty_retries(monkeypatch)
    connection_id = pulling.connected()
    _everything_is(sandbox, 402)
    run = pulling.pulled(connection_id)
    assert (run.state, run.error) == ("failed", "plan_expired")
    assert _trouble() == "plan_expired"
    sandbox.clear_faults()
    bound_jobs()
    clock.shift(timedelta(minutes=2))
    take_turns(2)
    assert _trouble() is None


def test_a_probe_outside_of_any_run_tells_what_it_has_met(
    in_app: Flask, sandbox: SandboxServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_app
    pulling.hasty_retries(monkeypatch)
    connection_id = pulling.connected()
    _everything_is(sandbox, 402)
    pulling.pulled(connection_id)
    sandbox.clear_faults()
    _everything_is(sandbox, 488)
    clock.shift(timedelta(minutes=2))
    take_turns(2)
    assert _trouble() == "account_moved"


@pytest.mark.every_database
def test_when_it_has_ended_all_that_waits_for_it_goes_on(contact: str) -> None:
    assert contact
    now = datetime.now(UTC)
    later = now + timedelta(minutes=15)
    waiting = {"kind": "auto_push", "trigger": "edit", "state": "running", "not_before": later}
    for_account = make_run(1, **waiting, waiting_for="plan_expired")
    for_hubspot = make_run(1, **waiting | {"kind": "refresh"}, waiting_for="hubspot_trouble")
    with writing() as session:
        assert not troubles.end(session, 1, now)
        assert troubles.record(session, 1, problem("plan_expired"), now)
    with writing() as session:
        assert troubles.end(session, 1, now)
        assert not troubles.end(session, 1, now)
    assert pulling.run_of(for_account.id).not_before == now
    assert pulling.run_of(for_hubspot.id).not_before == later


def test_every_page_says_why_and_what_to_do(
    contact: str,
    sandbox: SandboxServer,
    logged_in: Callable[[User], FlaskClient],
    administrator: User,
    member: User,
) -> None:
    assert contact
    client, other = logged_in(administrator), logged_in(member)
    assert "paused" not in client.get("/companies").text
    assert "hubspot" not in (client.get("/readyz").json or {})
    _everything_is(sandbox, 402)
    edit(city="Bonn")
    take_turns()
    for address in ("/companies", "/contacts/1", "/sync-log", "/integrations", "/integrations/hubspot"):
        page = client.get(address).text
        assert "Automatic sync with HubSpot is paused" in page, address
        assert "Renew it in HubSpot" in page, address
        assert "subscription has expired" in page, address
    assert "Plan ended" in client.get("/integrations").text
    assert "/integrations/hubspot/test" not in other.get("/contacts").text
    assert "Renew it in HubSpot" in other.get("/contacts").text
    answer = client.get("/readyz")
    assert (answer.status_code, (answer.json or {})["hubspot"]) == (200, "plan_expired")


def test_a_dead_token_is_mailed_once_and_shown_on_every_page(
    contact: str, sandbox: SandboxServer, logged_in: Callable[[User], FlaskClient], administrator: User
) -> None:
    assert contact
    client = logged_in(administrator)
    sandbox.revoke_tokens()
    edit(city="Bonn")
    take_turns()
    assert _mails() == [administrator.email]
    assert "Sync with HubSpot has stopped" in client.get("/contacts").text
    assert (client.get("/readyz").json or {})["hubspot"] == "reconnect"
