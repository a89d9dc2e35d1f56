"""Two objects are to be one, and something changes meanwhile: what was written stands in a log (B46, B50)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from tests.support.applications.services import writing
from tests.support.faults.kills import PowerCutError, killed_after
from tests.support.faults.search_lag import (
    associate_plainly,
    begun_and_worked_off,
    checked,
    eva_on_both_sides,
    person_makes_acme,
    time_goes_by,
)
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, primary_of, pushed
from tests.support.usecases.undoing import companies_of, undo_of
from webapp.models import CreationCheck, Link, Run
from webapp.usecases.push.new_objects import joining

pytestmark = pytest.mark.every_database


def _reasons(run_id: int) -> list[tuple[str, str | None]]:
    return [(one.outcome, one.reason) for one in pulling.entries(run_id)]


def _acme_with_eva(connection_id: int) -> tuple[Run, str, str]:
    """A push of a company and a contact, with the objects that it made."""
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, first_name="Eva", email="eva@acme.de")
    push = pushed(connection_id)
    return push, pulling.links("companies")[0].remote_id, pulling.links("contacts")[0].remote_id


def _linked_to_another(remote_id: str) -> int:
    """Another record is linked to an object, as a Pull does that reads it meanwhile; its number."""
    other = make_company(name="Acme too", domain="acme.de")
    now = datetime.now(UTC)
    with writing() as session:
        [link] = pulling.links("companies")
        row = {"connection_id": link.connection_id, "object_type": "companies", "linked_at": now}
        base: dict[str, Any] = {"local_seen": {}, "remote_seen": {}}
        session.add(Link(record_id=other.id, remote_id=remote_id, state="linked", **row, **base))
    return other.id


def test_an_object_that_another_record_has_meanwhile_is_written_to_no_further(
    blind: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = person_makes_acme(sandbox)
    push, ours, contact = _acme_with_eva(blind)
    real = joining.read_ends

    def read_ends(*given: Any) -> Any:
        ends = real(*given)
        _linked_to_another(persons)
        return ends

    monkeypatch.setattr(joining, "read_ends", read_ends)
    run = checked(sandbox)
    assert (run.state, run.counts.get("companies")) == ("finished", {})
    assert primary_of(sandbox, contact) == ours
    [check] = pulling.all_rows(CreationCheck)
    assert (check.survivor_id, check.attempts) == (None, 1)
    monkeypatch.undo()
    run = checked(sandbox)
    assert _reasons(run.id) == [("held", "made_meanwhile")]
    assert {one["id"] for one in objects(sandbox, "companies")} == {ours, persons}
    assert "joined_meanwhile" not in {reason for _, reason in _reasons(push.id)}


def test_what_was_written_is_told_though_another_record_has_the_object_by_then(
    blind: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = person_makes_acme(sandbox)
    push, ours, contact = _acme_with_eva(blind)
    real = joining.join

    def join(*given: Any, **how: Any) -> Any:
        joined = real(*given, **how)
        _linked_to_another(persons)
        return joined

    monkeypatch.setattr(joining, "join", join)
    run = checked(sandbox)
    assert primary_of(sandbox, contact) == persons
    assert _reasons(push.id)[-2:] == [("updated", "gave_way_unlinked"), ("updated", "associated")]
    assert pulling.entries(push.id)[-1].changes == [["primary_company", None, persons]]
    assert _reasons(run.id) == [("held", "merged_in_hubspot")]
    [entry] = pulling.entries(run.id)
    assert entry.detail == {"archived": ours, "completes_run": push.id, "survivor": persons}
    first, _other = pulling.links("companies")
    assert (first.remote_id, first.state, first.last_reason) == (ours, "held", "merged_in_hubspot")
    assert not pulling.all_rows(CreationCheck)
    undo_of(push.id, archives=True)
    assert (objects(sandbox, "contacts"), len(objects(sandbox, "companies"))) == ([], 1)


@pytest.mark.parametrize("name", ["_move", "join"])
def test_what_an_earlier_look_has_written_is_told_though_the_record_is_linked_no_more(
    blind: int, sandbox: SandboxServer, name: str
) -> None:
    """As after its deletion here."""
    persons = person_makes_acme(sandbox)
    push, ours, contact = _acme_with_eva(blind)
    time_goes_by(sandbox)
    with killed_after(joining, name, 1), pytest.raises(PowerCutError):
        begun_and_worked_off()
    assert primary_of(sandbox, contact) == persons
    with writing() as session:
        session.execute(delete(Link).where(Link.object_type == "companies"))
    run = pulling.worked_off(pulling.all_rows(Run, kind="check")[-1].id)
    assert run.state == "finished", run.error_text
    moved = ("updated", "associated")
    gone = [("updated", "gave_way_unlinked")] if name == "join" else []
    assert _reasons(push.id)[-1 - len(gone) :] == [*gone, moved]
    assert pulling.entries(push.id)[-1].remote_id == contact
    left = {ours, persons} if name == "_move" else {persons}
    assert {one["id"] for one in objects(sandbox, "companies")} == left
    assert not pulling.all_rows(CreationCheck)


def test_a_contact_that_is_unlinked_on_the_way_is_told_of(
    blind: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = person_makes_acme(sandbox)
    push, _ours, contact = _acme_with_eva(blind)
    real = joining.join

    def join(*given: Any, **how: Any) -> Any:
        with writing() as session:
            session.execute(delete(Link).where(Link.object_type == "contacts"))
        return real(*given, **how)

    monkeypatch.setattr(joining, "join", join)
    checked(sandbox)
    assert primary_of(sandbox, contact) == persons
    entry = pulling.entries(push.id)[-1]
    assert (entry.record_id, entry.remote_id, entry.reason) == (1, contact, "associated")
    assert entry.changes == [["primary_company", None, persons]]


def test_a_company_that_hubspot_makes_the_primary_one_by_itself_is_logged_and_taken_back_so(
    blind: int, sandbox: SandboxServer
) -> None:
    """The contact that stays has none, and gets a plain one."""
    acme, persons = eva_on_both_sides(blind, sandbox)
    sandbox.settings(search_delay_s=3600)
    push = pushed(blind)
    ours = pulling.links("contacts")[0].remote_id
    path = "/crm/v4/associations/contacts/companies/batch/labels/archive"
    label = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
    inputs = [{"from": {"id": ours}, "to": {"id": acme}, "types": [label]}]
    assert sandbox.api("POST", path, json={"inputs": inputs}).status_code == 204
    assert (primary_of(sandbox, ours), companies_of(sandbox, persons)) == (None, [])
    checked(sandbox)
    assert [one["id"] for one in objects(sandbox, "contacts")] == [persons]
    assert primary_of(sandbox, persons) == acme
    entry = pulling.entries(push.id)[-1]
    assert (entry.reason, entry.changes) == ("associated", [["primary_company", None, acme]])
    undo_of(push.id, archives=True)
    assert companies_of(sandbox, persons) == []


def test_a_join_that_hubspot_refuses_for_a_day_is_given_up_and_what_it_wrote_is_told(
    blind: int, sandbox: SandboxServer
) -> None:
    persons = person_makes_acme(sandbox)
    other = make_company(name="Other", domain="other.de")
    contacts = [make_contact(other.id, email=f"{name}@other.de") for name in ("eva", "max")]
    pushed(blind)
    remote = [one.remote_id for one in pulling.links("contacts")]
    acme = make_company(name="Acme", domain="acme.de")
    push = pushed(blind)
    [ours] = [one.remote_id for one in pulling.links("companies") if one.record_id == acme.id]
    path = f"/crm/v4/objects/contacts/{remote[0]}/associations/companies/{ours}"
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
    assert sandbox.api("PUT", path, json=[kind]).status_code in (200, 201)
    associate_plainly(sandbox, (remote[1], ours))
    assert len(contacts) == 2
    time_goes_by(sandbox)
    with writing() as session:
        session.execute(update(CreationCheck).values(announced_at=datetime.now(UTC) - timedelta(days=2)))
    sandbox.fault(
        "status", status=400, method="POST", path="/crm/associations/*/batch/create", after=1, times=9
    )
    begun_and_worked_off()
    assert primary_of(sandbox, remote[0]) == persons
    logged = [
        (one.remote_id, one.reason) for one in pulling.entries(push.id) if one.object_type == "contacts"
    ]
    assert logged == [(remote[0], "associated")]
    assert {one["id"] for one in objects(sandbox, "companies")} >= {ours, persons}
    assert not pulling.all_rows(CreationCheck)
