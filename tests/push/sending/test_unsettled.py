"""One record of a batch that HubSpot cannot take just now: it alone is sent again, and fails alone (B49)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.clocks.hours import ten_past_the_next_hour
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import change_company, change_contact, objects, primary_of, pushed
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.models import AnnouncedUpdate, FailingRecord, OutboxRecord, Run
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.push import page as push_page
from webapp.usecases.push.sending import associating
from webapp.usecases.undo import put_back_in_hubspot

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, sandbox: SandboxServer) -> None:
    """What waits for HubSpot does not wait here."""
    monkeypatch.setattr(push_page, "_UNSETTLED_S", 0.0)
    monkeypatch.setattr(put_back_in_hubspot, "_UNSETTLED_S", 0.0)
    monkeypatch.setattr(associating, "UNSETTLED_S", 0.0)
    sandbox.settings(search_delay_s=0)


def _strike(sandbox: SandboxServer, category: str, verb: str, times: int, effect: str = "before") -> None:
    sandbox.fault(
        "part", path=f"*/batch/{verb}", text="Struck", category=category, times=times, effect=effect
    )


def _calls(sandbox: SandboxServer, verb: str) -> int:
    return len([one for one in sandbox.log() if one["path"].endswith(f"/batch/{verb}")])


def _firms(connection_id: int) -> None:
    for number in range(3):
        make_company(name=f"Firm {number}", domain=f"n{number}.de")
    pushed(connection_id)
    for number in range(3):
        change_company(number + 1, city="Struck" if number == 1 else "Ulm")


def _cities(sandbox: SandboxServer) -> list[Any]:
    return [one["city"] for one in objects(sandbox, "companies", "city")]


@pytest.mark.parametrize("effect", ["before", "after"])
@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "LOCKED"])
def test_what_passes_is_sent_again_and_the_others_are_not(
    with_key: int, sandbox: SandboxServer, category: str, effect: str
) -> None:
    _firms(with_key)
    _strike(sandbox, category, "update", 2, effect)
    before = _calls(sandbox, "update")
    run = pushed(with_key)
    assert run.counts["companies"] == {"updated": 3}
    assert _cities(sandbox) == ["Ulm", "Struck", "Ulm"]
    assert not pulling.all_rows(AnnouncedUpdate)
    # Where it arrived although HubSpot said otherwise, the look before the next call shows it.
    assert _calls(sandbox, "update") - before == (1 if effect == "after" else 3)


@pytest.mark.parametrize("effect", ["before", "after"])
@pytest.mark.parametrize("email", [None, "eva@acme.de"])
def test_a_new_object_is_looked_for_before_it_is_made_again(
    with_key: int, sandbox: SandboxServer, email: str | None, effect: str
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, first_name="Struck", email=email)
    make_contact(company.id, first_name="Bo", email="bo@acme.de")
    _strike(sandbox, "INTERNAL_ERROR", "upsert" if email is None else "create", 1, effect)
    run = pushed(with_key)
    assert [one["hits"] for one in sandbox.faults()] == [1]
    assert run.counts["contacts"] == {"created": 2}
    assert len(objects(sandbox, "contacts")) == 2
    undo_of(run.id, archives=True)
    assert not objects(sandbox, "contacts")


@pytest.mark.every_database
def test_what_does_not_pass_fails_alone_and_is_taken_up_later(with_key: int, sandbox: SandboxServer) -> None:
    _firms(with_key)
    _strike(sandbox, "INTERNAL_ERROR", "update", 100)
    before = _calls(sandbox, "update")
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 2, "failed": 1})
    assert _calls(sandbox, "update") - before == 4
    [failing] = pulling.all_rows(FailingRecord)
    assert (failing.record_id, failing.reason) == (2, "not_done_by_hubspot")
    sandbox.clear_faults()
    assert pushed(with_key).counts["companies"] == {"unchanged": 2, "updated": 1}
    assert not pulling.all_rows(FailingRecord)
    assert not pulling.all_rows(AnnouncedUpdate)
    assert _cities(sandbox) == ["Ulm", "Struck", "Ulm"]


def test_what_arrived_although_hubspot_said_otherwise_stands_in_the_log(
    with_key: int, sandbox: SandboxServer
) -> None:
    """Nobody could tell while it pushed: whoever meets the object next completes the log (B46)."""
    _firms(with_key)
    before = portal_now(sandbox)
    _strike(sandbox, "INTERNAL_ERROR", "update", 4)
    run = pushed(with_key)
    assert run.counts["companies"] == {"updated": 2, "failed": 1}
    [link] = [one for one in pulling.links("companies") if one.record_id == 2]
    sandbox.update("companies", link.remote_id, {"city": "Struck"})
    pulling.pulled(with_key)
    assert [one.outcome for one in pulling.entries(run.id) if one.outcome != "failed"] == ["updated"] * 3
    undo_of(run.id)
    assert portal_now(sandbox) == before


@pytest.mark.parametrize(("times", "outcome"), [(2, "updated"), (100, "failed")])
def test_an_undo_tries_again_and_leaves_what_does_not_pass(
    with_key: int, sandbox: SandboxServer, times: int, outcome: str
) -> None:
    for number in range(3):
        make_company(name=f"Firm {number}", domain=f"n{number}.de", city="Struck" if number == 1 else "Ulm")
    pushed(with_key)
    for number in range(3):
        change_company(number + 1, city="Bonn")
    run = pushed(with_key)
    _strike(sandbox, "LOCKED", "update", times)
    undo = undo_of(run.id)
    kept = "Struck" if outcome == "updated" else "Bonn"
    assert _cities(sandbox) == ["Ulm", kept, "Ulm"]
    assert undo.state == "finished"


@pytest.mark.every_database
def test_an_edit_that_failed_for_now_is_sent_again_by_itself_in_the_next_hour(
    connection_id: int, sandbox: SandboxServer
) -> None:
    company = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    number = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@acme.de"}, [company])["id"]
    pulling.pulled(connection_id)
    with ten_past_the_next_hour() as clock:
        edit(1, city="Struck")
        _strike(sandbox, "INTERNAL_ERROR", "update", 100)
        [tried] = _automatic()
        assert tried.counts["contacts"] == {"failed": 1}
        assert [row.record_id for row in pulling.all_rows(OutboxRecord)] == [1]
        sent = _calls(sandbox, "update")
        clock.shift(timedelta(minutes=40))
        assert [run.id for run in _automatic()] == [tried.id]
        assert _calls(sandbox, "update") == sent
        sandbox.clear_faults()
        clock.shift(timedelta(minutes=20))
        _, again = _automatic()
        assert again.counts["contacts"] == {"updated": 1}
    assert sandbox.get("contacts", number)["properties"]["city"] == "Struck"
    assert not pulling.all_rows(OutboxRecord)
    assert not pulling.all_rows(FailingRecord)


def _moved(connection_id: int) -> str:
    """The object of the second of three contacts, which were all moved here to another company."""
    first, second = make_company(name="Acme", domain="acme.de"), make_company(name="Bora", domain="bora.de")
    for number in range(3):
        make_contact(first.id, first_name="Eva", email=f"eva{number}@acme.de")
    pushed(connection_id)
    for number in range(3):
        change_contact(number + 1, company_id=second.id)
    return {one.record_id: one.remote_id for one in pulling.links("contacts")}[2]


def _strike_association(sandbox: SandboxServer, contact: str, category: str, times: int) -> None:
    path = "/crm/associations/*/batch/create"
    sandbox.fault("part", path=path, text=f'"{contact}"', category=category, times=times)


@pytest.mark.parametrize("category", ["INTERNAL_ERROR", "LOCKED"])
def test_an_association_that_fails_for_now_is_tried_again_and_the_others_are_not(
    with_key: int, sandbox: SandboxServer, category: str
) -> None:
    contact = _moved(with_key)
    _strike_association(sandbox, contact, category, 2)
    run = pushed(with_key)
    assert run.counts["associations"] == {"updated": 3}
    [second] = [one.remote_id for one in pulling.links("companies") if one.record_id == 2]
    assert primary_of(sandbox, contact) == second
    assert len([one for one in sandbox.log() if one["path"].endswith("/companies/batch/create")]) == 3


def test_an_undo_tries_associations_again(with_key: int, sandbox: SandboxServer) -> None:
    contact = _moved(with_key)
    before = portal_now(sandbox)
    run = pushed(with_key)
    _strike_association(sandbox, contact, "LOCKED", 2)
    undo_of(run.id)
    assert portal_now(sandbox)["contacts"] == before["contacts"]


def test_an_association_that_does_not_pass_is_set_by_itself_in_the_next_hour(
    with_key: int, sandbox: SandboxServer
) -> None:
    pulling.pulled(with_key)
    contact = _moved(with_key)
    with ten_past_the_next_hour() as clock:
        _strike_association(sandbox, contact, "INTERNAL_ERROR", 100)
        run = pushed(with_key)
        assert run.counts["associations"] == {"updated": 2, "failed": 1}
        [failing] = pulling.all_rows(FailingRecord)
        assert (failing.record_id, failing.reason) == (2, "association_not_done")
        assert not _automatic()
        sandbox.clear_faults()
        clock.shift(timedelta(hours=1))
        [again] = _automatic()
    assert again.counts["associations"] == {"updated": 1}
    [second] = [one.remote_id for one in pulling.links("companies") if one.record_id == 2]
    assert primary_of(sandbox, contact) == second
    assert not pulling.all_rows(FailingRecord)
    assert not pulling.all_rows(OutboxRecord)


@pytest.mark.parametrize("verb", ["create", "update"])
def test_what_a_person_pushed_and_failed_for_now_is_sent_by_itself_in_the_next_hour(
    connection_id: int, sandbox: SandboxServer, verb: str
) -> None:
    """Also a new record, although nothing is created automatically."""
    pulling.pulled(connection_id)
    company = make_company(name="Acme", domain="acme.de")
    if verb == "update":
        make_contact(company.id, first_name="Eva", email="eva@acme.de")
        pushed(connection_id)
        change_contact(1, city="Struck")
    else:
        make_contact(company.id, first_name="Struck", email="eva@acme.de")
    with ten_past_the_next_hour() as clock:
        _strike(sandbox, "INTERNAL_ERROR", verb, 100)
        assert pushed(connection_id).counts["contacts"] == {"failed": 1}
        assert not _automatic()
        sandbox.clear_faults()
        clock.shift(timedelta(hours=1))
        [again] = _automatic()
        assert again.counts["contacts"] == {f"{verb}d": 1}
        clock.shift(timedelta(hours=1))
        assert [one.id for one in _automatic()] == [again.id]
    assert len(objects(sandbox, "contacts")) == 1
    assert not pulling.all_rows(FailingRecord)
    assert not pulling.all_rows(OutboxRecord)


def test_an_edit_whose_object_could_not_be_read_is_sent_by_itself_in_the_next_hour(
    connection_id: int, sandbox: SandboxServer
) -> None:
    company = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    number = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@acme.de"}, [company])["id"]
    pulling.pulled(connection_id)
    with ten_past_the_next_hour() as clock:
        edit(1, city="Ulm")
        sandbox.settings(forbidden_ids=[str(number)])
        [tried] = _automatic()
        assert [one.reason for one in pulling.entries(tried.id)] == ["unreadable_object"]
        sandbox.settings(forbidden_ids=[])
        assert [run.id for run in _automatic()] == [tried.id]
        clock.shift(timedelta(hours=1))
        _, again = _automatic()
    assert again.counts["contacts"]["updated"] == 1
    assert sandbox.get("contacts", number)["properties"]["city"] == "Ulm"
    assert not pulling.all_rows(OutboxRecord)


def _automatic() -> list[Run]:
    """The automatic pushes, once what is due has been sent."""
    automatic_push.begin_forgotten(current_services())
    found = [run.id for run in pulling.all_rows(Run, kind="auto_push")]
    return [pulling.worked_off(run_id) for run_id in found]
