"""A record that something before HubSpot does not let pass fails alone, and keeps no other (B45, B49)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services, reading
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import change_company, objects, pushed
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.models import FailingRecord, OutboxRecord, Run
from webapp.store.connection import connections, troubles
from webapp.usecases.connection import connect
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.push import page as push_page
from webapp.usecases.undo import put_back_in_hubspot

pytestmark = pytest.mark.one_database

_ODD = "select * from"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, sandbox: SandboxServer) -> None:
    """What waits for HubSpot does not wait here."""
    monkeypatch.setattr(push_page, "_UNSETTLED_S", 0.0)
    monkeypatch.setattr(put_back_in_hubspot, "_UNSETTLED_S", 0.0)
    sandbox.settings(search_delay_s=0)


def _blocked(sandbox: SandboxServer, *, status: int = 400, style: str = "html", **match: str) -> None:
    sandbox.fault("status", status=status, style=style, times=None, **match)


def _is_paused(connection_id: int) -> bool:
    with reading() as session:
        return troubles.lasting(connections.get(session, connection_id)) is not None


def _failed(run: Run) -> list[tuple[int | None, str | None]]:
    return [(one.record_id, one.reason) for one in pulling.entries(run.id) if one.outcome == "failed"]


@pytest.mark.parametrize(
    ("status", "style"), [(400, "html"), (400, "none"), (400, "foreign"), (403, "html"), (406, "foreign")]
)
def test_a_value_that_is_not_let_pass_keeps_no_other(
    with_key: int, sandbox: SandboxServer, status: int, style: str
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    for number in range(20):
        make_contact(company.id, first_name=f"P{number}", email=f"p{number}@acme.de")
    for number in range(20):
        make_company(name=f"Firm {number}", domain=f"n{number}.de")
    pushed(with_key)
    for number in range(1, 22):
        change_company(number, city=_ODD if number == 7 else "Ulm")
    _blocked(sandbox, sent=_ODD, status=status, style=style)
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 20, "failed": 1})
    assert _failed(run) == [(7, "not_done_by_hubspot")]
    assert not _is_paused(with_key)
    sandbox.clear_faults()
    assert pushed(with_key).counts["companies"] == {"updated": 1, "unchanged": 20}
    assert not pulling.all_rows(FailingRecord)


@pytest.mark.parametrize("email", ["p3@acme.de", None])
def test_a_new_record_that_is_not_let_pass_keeps_no_other(
    with_key: int, sandbox: SandboxServer, email: str | None
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    for number in range(9):
        own = email if number == 3 else f"p{number}@acme.de"
        make_contact(company.id, first_name=_ODD if number == 3 else "Eva", email=own)
    _blocked(sandbox, sent=_ODD)
    run = pushed(with_key)
    assert run.counts["contacts"] == {"created": 8, "failed": 1}
    sandbox.clear_faults()
    assert pushed(with_key).counts["contacts"] == {"created": 1, "unchanged": 8}
    assert len(objects(sandbox, "contacts")) == 9


def test_a_record_that_is_pushed_alone_fails_and_is_not_waited_for(
    with_key: int, sandbox: SandboxServer
) -> None:
    make_company(name="Acme", domain="acme.de")
    pushed(with_key)
    change_company(1, city=_ODD)
    _blocked(sandbox, sent=_ODD, status=403)
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"failed": 1})
    assert not _is_paused(with_key)


def test_an_edit_that_is_not_let_pass_keeps_no_other_from_being_sent(
    connection_id: int, sandbox: SandboxServer
) -> None:
    company = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    for number in range(3):
        sandbox.create("contacts", {"firstname": "Eva", "email": f"eva{number}@acme.de"}, [company])
    pulling.pulled(connection_id)
    for number in range(1, 4):
        edit(number, city=_ODD if number == 2 else "Ulm")
    _blocked(sandbox, sent=_ODD)
    automatic_push.begin(current_services(), connection_id)
    [begun] = pulling.all_rows(Run, kind="auto_push")
    run = pulling.worked_off(begun.id)
    assert run.counts["contacts"] == {"updated": 2, "failed": 1}
    assert [row.record_id for row in pulling.all_rows(OutboxRecord)] == [2]


@pytest.mark.parametrize("path", ["*", "*/batch/update"])
@pytest.mark.parametrize("status", [400, 403])
def test_what_refuses_all_is_about_no_record(
    with_key: int, sandbox: SandboxServer, status: int, path: str
) -> None:
    for number in range(20):
        make_company(name=f"Firm {number}", domain=f"n{number}.de")
    pushed(with_key)
    for number in range(20):
        change_company(number + 1, city="Ulm")
    _blocked(sandbox, path=path, status=status)
    before = sandbox.counts()["calls"]
    run = pulling.worked_off(pulling.begun(with_key, "push"))
    assert sandbox.counts()["calls"] - before < 80
    assert not _failed(run)
    if status == 400:
        assert (run.state, run.waiting_for) == ("running", "blocked")
    else:
        assert (run.state, run.error) == ("failed", "missing_scopes")
    sandbox.clear_faults()
    if status == 400:
        connect.test(current_services(), with_key)
        assert pulling.wait_is_over(run.id).state == "finished"


def test_objects_that_are_not_let_pass_are_left_by_an_undo_and_keep_no_other(
    with_key: int, sandbox: SandboxServer
) -> None:
    for number in range(9):
        make_company(name=f"Firm {number}", domain=f"n{number}.de", city=_ODD if number == 4 else "Ulm")
    first = pushed(with_key)
    before = portal_now(sandbox)
    for number in range(9):
        change_company(number + 1, city="Bonn")
    run = pushed(with_key)
    _blocked(sandbox, sent=_ODD)
    undo = undo_of(run.id)
    assert undo.counts["companies"] == {"updated": 8, "failed": 1}
    sandbox.clear_faults()
    undo_of(run.id)
    assert portal_now(sandbox) == before
    archived = [one.remote_id for one in pulling.links("companies") if one.record_id == 5]
    _blocked(sandbox, path="*/batch/archive", sent=f'"{archived[0]}"')
    undo = undo_of(first.id, archives=True)
    assert undo.counts["companies"]["failed"] == 1
    assert len(objects(sandbox, "companies")) == 1


def test_a_pulled_object_that_is_not_let_pass_keeps_no_other(
    connection_id: int, sandbox: SandboxServer
) -> None:
    for number in range(30):
        name = _ODD if number == 12 else f"Firm {number}"
        sandbox.create("companies", {"name": name, "domain": f"n{number}.de"})
    _blocked(sandbox, answered=_ODD)
    run = pulling.pulled(connection_id)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 29, "failed": 1})
    assert [reason for _, reason in _failed(run)] == ["unreadable_object"]
    sandbox.clear_faults()
    assert pulling.pulled(connection_id).counts["companies"]["created"] == 1
