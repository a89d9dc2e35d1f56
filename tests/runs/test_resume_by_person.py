"""A bulk run that a dead connection has ended goes on at its checkpoint, and does nothing twice (B45)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, objects
from webapp.errors import RefusedError
from webapp.models import Mail, Run, User
from webapp.usecases.connection import connect
from webapp.usecases.runs import resume_by_person

CONTACTS = 12


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    assert in_app
    connection = pulling.connected()
    give_key(sandbox, connection)
    return connection


def _fill(sandbox: SandboxServer) -> None:
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    for number in range(CONTACTS):
        sandbox.create("contacts", {"firstname": f"P{number}", "email": f"p{number}@n.de"}, [company])


def _cut_off(connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A pull whose token was revoked when it had read some contacts."""
    pulling.short_slices(monkeypatch)
    pulling.short_pages(monkeypatch, 4)
    _fill(sandbox)
    run_id = pulling.begun(connection_id)
    while len(pulling.contacts()) < 4:
        pulling.one_slice(run_id)
    sandbox.revoke_tokens()
    return pulling.worked_off(run_id)


def test_a_pull_goes_on_at_its_checkpoint_once_connected_again(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _cut_off(connection_id, sandbox, monkeypatch)
    assert (run.state, run.error) == ("failed", "reconnect")
    done = len(pulling.contacts())
    assert 0 < done < CONTACTS
    with pytest.raises(RefusedError, match="not_continuable"):
        resume_by_person.go_on(current_services(), run.id)
    sandbox.restore_tokens()
    pulling.connected()
    before = sandbox.counts()["calls_by_route"]
    resume_by_person.go_on(current_services(), run.id)
    ended = pulling.worked_off(run.id)
    assert (ended.state, ended.error, ended.started_at) == ("finished", None, run.started_at)
    assert ended.counts["contacts"] == {"created": CONTACTS}
    assert len(pulling.contacts()) == CONTACTS
    assert len(pulling.entries(run.id)) == CONTACTS + 1
    after = sandbox.counts()["calls_by_route"]
    assert after.get("list companies", 0) == before.get("list companies", 0)
    assert len(pulling.all_rows(Run)) == 1
    with pytest.raises(RefusedError, match="not_continuable"):
        resume_by_person.go_on(current_services(), run.id)


def test_a_push_goes_on_and_makes_nothing_twice_and_its_mail_reports_the_new_end(
    connection_id: int, sandbox: SandboxServer, administrator: User
) -> None:
    assert administrator
    company = make_company()
    for number in range(CONTACTS):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@nordlicht-verlag.de")
    sandbox.fault("status", status=401, reason="invalid", path="*/contacts/batch/create", times=None)
    run = pulling.worked_off(pulling.begun(connection_id, "push"))
    assert (run.state, run.error) == ("failed", "reconnect")
    sandbox.clear_faults()
    connect.test(current_services(), connection_id)
    resume_by_person.go_on(current_services(), run.id)
    ended = pulling.worked_off(run.id)
    assert ended.state == "finished"
    assert ended.counts["companies"] == {"created": 1}
    assert ended.counts["contacts"] == {"created": CONTACTS}
    assert len(objects(sandbox, "companies")) == 1
    assert len(objects(sandbox, "contacts")) == CONTACTS
    assert [mail.state for mail in pulling.all_rows(Mail) if mail.run_id == run.id] == ["waiting"]


def test_a_run_that_another_one_has_followed_is_not_continued(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _cut_off(connection_id, sandbox, monkeypatch)
    sandbox.restore_tokens()
    pulling.connected()
    pulling.pulled(connection_id)
    with pytest.raises(RefusedError, match="not_continuable"):
        resume_by_person.go_on(current_services(), run.id)


@pytest.mark.one_database
def test_both_pages_offer_it_to_an_administrator_once_the_connection_works(
    *,
    app: Flask,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    logged_in: Callable[[User], FlaskClient],
    administrator: User,
    member: User,
) -> None:
    with app.app_context():
        connection = pulling.connected()
        give_key(sandbox, connection)
        run = _cut_off(connection, sandbox, monkeypatch)
    client, other = logged_in(administrator), logged_in(member)
    action, pages = f"/runs/{run.id}/continuation", (f"/sync-log/{run.id}", "/integrations/hubspot")
    assert [action in client.get(page).text for page in pages] == [False, False]
    sandbox.restore_tokens()
    with app.app_context():
        pulling.connected()
    assert [action in client.get(page).text for page in pages] == [True, True]
    assert [action in other.get(page).text for page in pages] == [False, False]
    answer = client.post(action)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sync-log/{run.id}")
    with app.app_context():
        assert pulling.run_of(run.id).state == "running"
    assert [action in client.get(page).text for page in pages] == [False, False]
