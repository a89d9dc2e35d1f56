"""What HubSpot's search did not show yet when a company was made is found afterwards (B50)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.support.applications.services import bound_jobs, current_services, writing
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
from tests.support.usecases.editing import edit_record
from tests.support.usecases.pushing import objects, primary_of, pushed
from tests.support.usecases.undoing import companies_of, undo_of
from webapp.errors import RefusedError
from webapp.models import CreationCheck, Run, User
from webapp.store.push import creation_checks as check_rows
from webapp.store.push import verdicts
from webapp.usecases.push.new_objects import creation_checks, joining
from webapp.usecases.records import merging
from webapp.usecases.runs import mass_change
from webapp.usecases.undo import remote as undoing

pytestmark = pytest.mark.one_database


def test_nothing_is_looked_at_before_the_search_may_have_caught_up(blind: int) -> None:
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    creation_checks.begin_due(current_services())
    assert not pulling.all_rows(Run, kind="check")
    assert len(pulling.all_rows(CreationCheck)) == 1


def test_what_was_made_alone_stays(blind: int, sandbox: SandboxServer) -> None:
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    run = checked(sandbox)
    assert run.counts["companies"] == {"unchanged": 1}
    assert not pulling.all_rows(CreationCheck)
    assert len(objects(sandbox, "companies")) == 1


@pytest.mark.parametrize("silent", [0, 1], ids=["about ours", "about the other"])
def test_a_batch_that_is_silent_about_an_object_does_not_prove_it_gone(
    blind: int, sandbox: SandboxServer, silent: int
) -> None:
    """The check would be over, and the company there twice for ever."""
    make_company(name="Acme", domain="acme.de")
    persons = person_makes_acme(sandbox)
    pushed(blind)
    # Which of the silent object are archived is asked in between.
    sandbox.fault("odd", path="*/companies/batch/read", oddity="empty_page", after=silent)
    assert checked(sandbox).counts["companies"] == {"updated": 1}
    assert [one["hits"] for one in sandbox.faults()] == [1]
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]


def test_until_the_search_shows_ours_its_absences_prove_nothing(blind: int, sandbox: SandboxServer) -> None:
    make_company(name="Acme", domain="acme.de")
    persons = person_makes_acme(sandbox)
    pushed(blind)
    time_goes_by(sandbox)
    sandbox.settings(search_delay_s=3600)
    run = begun_and_worked_off()
    assert not run.counts.get("companies")
    [check] = pulling.all_rows(CreationCheck)
    assert (check.attempts, check.not_before > datetime.now(UTC)) == (1, True)
    assert len(objects(sandbox, "companies")) == 2
    run = checked(sandbox)
    assert run.counts["companies"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]


@pytest.mark.every_database
def test_a_persons_object_takes_the_place_of_ours_with_all_that_belongs_to_it(
    blind: int, sandbox: SandboxServer
) -> None:
    persons = person_makes_acme(sandbox)
    company = make_company(name="Acme", domain="acme.de", city="Bonn")
    make_contact(company.id, first_name="Eva", email="eva@acme.de")
    push = pushed(blind)
    ours = pulling.links("companies")[0].remote_id
    assert ours != persons
    run = checked(sandbox)
    assert run.counts["companies"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]
    [link] = pulling.links("companies")
    assert (link.remote_id, link.state) == (persons, "linked")
    contact = pulling.links("contacts")[0]
    assert primary_of(sandbox, contact.remote_id) == persons
    assert contact.remote_seen["company_id"] == persons
    ends = [(one.record_id, one.remote_id, one.reason) for one in pulling.entries(push.id)[-2:]]
    assert ends == [(company.id, persons, "joined_meanwhile"), (1, contact.remote_id, "associated")]
    assert pulling.entries(push.id)[-2].detail == {"archived": ours}
    assert pulling.run_of(push.id).counts == {
        "companies": {"created": 1, "updated": 1},
        "contacts": {"created": 1},
        "associations": {"unchanged": 1, "updated": 1},
    }
    again = pushed(blind)
    assert again.counts["companies"] == {"updated": 1}, "what only we have is sent"
    assert sandbox.get("companies", persons)["properties"]["city"] == "Bonn"
    assert again.counts["associations"] == {"unchanged": 1}


@pytest.mark.every_database
def test_what_somebody_has_worked_on_stays_and_a_person_decides(blind: int, sandbox: SandboxServer) -> None:
    persons = person_makes_acme(sandbox)
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    ours = pulling.links("companies")[0].remote_id
    sandbox.update("companies", ours, {"description": "Called them."})
    run = checked(sandbox)
    assert pulling.outcomes(run.id) == [(ours, "held", "made_meanwhile")]
    assert (pulling.entries(run.id)[0].detail or {})["work"] == ["description"]
    assert {one["id"] for one in objects(sandbox, "companies")} == {ours, persons}
    held = pulling.left_out_of(persons, "companies")
    assert (held.state, held.reason) == ("held", "made_meanwhile")
    assert [one["record_id"] for one in (held.detail or {})["candidates"]] == [1]
    assert not pulling.all_rows(CreationCheck)


def test_a_contact_that_is_nobodys_here_keeps_our_object(blind: int, sandbox: SandboxServer) -> None:
    person_makes_acme(sandbox)
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    ours = pulling.links("companies")[0].remote_id
    stranger = sandbox.create("contacts", {"email": "new@acme.de"}, [ours])["id"]
    run = checked(sandbox)
    assert pulling.outcomes(run.id) == [(ours, "held", "made_meanwhile")]
    assert (pulling.entries(run.id)[0].detail or {})["work"] == [stranger]


@pytest.mark.parametrize(
    ("type_id", "work"),
    [(13, "hs_num_child_companies"), (14, "hs_parent_company_id")],
    ids=["child", "parent"],
)
def test_a_company_that_belongs_to_ours_is_somebodys_work(
    blind: int, sandbox: SandboxServer, type_id: int, work: str
) -> None:
    person_makes_acme(sandbox)
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    ours = pulling.links("companies")[0].remote_id
    other = sandbox.create("companies", {"name": "Works", "domain": "works.de"})["id"]
    path = f"/crm/v4/objects/companies/{ours}/associations/companies/{other}"
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    assert sandbox.api("PUT", path, json=[kind]).status_code == 201
    run = checked(sandbox)
    assert pulling.outcomes(run.id) == [(ours, "held", "made_meanwhile")]
    assert (pulling.entries(run.id)[0].detail or {})["work"] == [work]


def test_a_name_alone_joins_nothing(blind: int, sandbox: SandboxServer) -> None:
    persons = sandbox.create("companies", {"name": "Acme"})["id"]
    make_company(name="Acme", domain=None)
    pushed(blind)
    run = checked(sandbox)
    assert [reason for *_, reason in pulling.outcomes(run.id)] == ["made_meanwhile"]
    assert len(objects(sandbox, "companies")) == 2
    assert pulling.left_out_of(persons, "companies").state == "held"


def test_a_contact_without_address_is_joined_by_name_and_phone(blind: int, sandbox: SandboxServer) -> None:
    acme, persons = eva_on_both_sides(blind, sandbox)
    push = pushed(blind)
    ours = pulling.links("contacts")[0].remote_id
    run = checked(sandbox)
    assert run.counts["contacts"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "contacts")] == [persons]
    assert primary_of(sandbox, persons) == acme
    joined, moved = [one for one in pulling.entries(push.id) if one.remote_id == persons]
    assert (joined.reason, joined.detail) == ("joined_meanwhile", {"archived": ours})
    assert (moved.reason, moved.changes) == ("associated", [["primary_company", None, acme]])
    assert moved.detail == {"company_id": 1, "was_associated": False}
    undo_of(push.id, archives=True)
    assert companies_of(sandbox, persons) == []
    assert pulling.links("contacts") == []


def _plain(number: str) -> tuple[str, str]:
    return number, "contact_to_company_unlabeled"


def _plain_entries(run_id: int) -> list[tuple[Any, ...]]:
    return [
        (one.remote_id, one.changes, one.detail)
        for one in pulling.entries(run_id)
        if one.reason == "associated_plainly"
    ]


@pytest.mark.every_database
def test_a_company_that_a_contact_takes_along_beside_its_primary_one_is_logged_and_taken_back(
    blind: int, sandbox: SandboxServer
) -> None:
    company = make_company(name="Acme", domain="acme.de")
    pushed(blind)
    checked(sandbox)
    acme = pulling.links("companies")[0].remote_id
    other = sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"]
    make_contact(company.id, first_name="Eva", last_name="Roth", email=None, phone="+49 228 1234567")
    person = {"firstname": "Eva", "lastname": "Roth", "phone": "+49 228 1234567"}
    persons = sandbox.create("contacts", person, [other])["id"]
    before = companies_of(sandbox, persons)
    sandbox.settings(search_delay_s=3600)
    push = pushed(blind)
    run = checked(sandbox)
    assert run.counts["contacts"] == {"updated": 1}
    assert companies_of(sandbox, persons) == sorted([*before, _plain(acme)])
    detail = {"company_id": 1, "was_associated": False}
    assert _plain_entries(push.id) == [(persons, [["plain_company", None, acme]], detail)]
    undo = undo_of(push.id, archives=True)
    assert companies_of(sandbox, persons) == before
    assert "undone_plain_association" in [one.reason for one in pulling.entries(undo.id)]
    undo_of(undo.id)
    assert companies_of(sandbox, persons) == sorted([*before, _plain(acme)])


@pytest.mark.every_database
def test_contacts_that_had_our_company_beside_their_primary_one_have_the_other_company_so(
    blind: int, sandbox: SandboxServer
) -> None:
    """What a contact had before the join is neither written nor logged; an undo that is cut off goes on."""
    persons = person_makes_acme(sandbox)
    other = make_company(name="Other", domain="other.de")
    contacts = [make_contact(other.id, email=f"{name}@other.de") for name in ("eva", "max")]
    pushed(blind)
    by_record = {one.record_id: one.remote_id for one in pulling.links("contacts")}
    remote = [by_record[one.id] for one in contacts]
    acme = make_company(name="Acme", domain="acme.de")
    push = pushed(blind)
    [ours] = [one.remote_id for one in pulling.links("companies") if one.record_id == acme.id]
    associate_plainly(sandbox, (remote[0], ours), (remote[1], ours), (remote[1], persons))
    before = [[one for one in companies_of(sandbox, contact) if one[0] != ours] for contact in remote]
    checked(sandbox)
    assert [companies_of(sandbox, one) for one in remote] == [
        sorted([*before[0], _plain(persons)]),
        before[1],
    ]
    detail = {"company_id": acme.id, "was_associated": False}
    assert _plain_entries(push.id) == [(remote[0], [["plain_company", None, persons]], detail)]
    with killed_after(undoing, "_associate_plainly", 1), pytest.raises(PowerCutError):
        undo_of(push.id, archives=True)
    undo = pulling.worked_off(pulling.all_rows(Run, kind="undo")[-1].id)
    assert [companies_of(sandbox, one) for one in remote] == before
    logged = [one for one in pulling.entries(undo.id) if one.reason == "undone_plain_association"]
    assert [one.changes for one in logged] == [[["plain_company", persons, ""]]]


def test_the_company_that_the_portal_makes_a_moment_after_ours_is_the_one_that_stays(
    blind: int, sandbox: SandboxServer
) -> None:
    sandbox.settings(auto_company=True, auto_company_delay_s=0, auto_company_lag_s=3600)
    company = make_company(name="Acme GmbH", domain="acme.de")
    make_contact(company.id, email="eva@acme.de")
    pushed(blind)
    assert len(objects(sandbox, "companies")) == 2
    run = checked(sandbox)
    assert run.counts["companies"] == {"updated": 1}
    [left] = objects(sandbox, "companies", "domain")
    assert left["id"] == pulling.links("companies")[0].remote_id
    assert primary_of(sandbox, pulling.links("contacts")[0].remote_id) == left["id"]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (check_rows, "announce_joins"),
        (verdicts, "write"),
        (joining, "_move"),
        (joining, "join"),
    ],
)
@pytest.mark.every_database
def test_a_worker_killed_on_the_way_ends_it_as_if_nothing_had_been(
    blind: int, sandbox: SandboxServer, module: Any, name: str
) -> None:
    persons = person_makes_acme(sandbox)
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, email="eva@acme.de")
    push = pushed(blind)
    time_goes_by(sandbox)
    with killed_after(module, name, 1), pytest.raises(PowerCutError):
        begun_and_worked_off()
    run = pulling.worked_off(pulling.all_rows(Run, kind="check")[-1].id)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": 1})
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]
    assert pulling.links("companies")[0].remote_id == persons
    assert primary_of(sandbox, pulling.links("contacts")[0].remote_id) == persons
    reasons = [one.reason for one in pulling.entries(push.id)]
    assert reasons.count("joined_meanwhile") == 1
    assert pulling.run_of(push.id).counts["companies"] == {"created": 1, "updated": 1}
    assert not pulling.all_rows(CreationCheck)


def test_an_undo_of_the_push_leaves_nothing_of_ours_behind(blind: int, sandbox: SandboxServer) -> None:
    persons = person_makes_acme(sandbox)
    company = make_company(name="Acme", domain="acme.de")
    make_contact(company.id, email="eva@acme.de")
    push = pushed(blind)
    checked(sandbox)
    undo_of(push.id, archives=True)
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]
    assert objects(sandbox, "contacts") == []
    assert pulling.links() == []


def test_a_company_that_hubspot_gave_to_a_contact_is_found_without_the_search(
    blind: int, sandbox: SandboxServer
) -> None:
    company = make_company(name="Acme", domain="acme.de", is_active=False)
    make_contact(company.id, email="eva@acme.de")
    pushed(blind)
    contact = pulling.links("contacts")[0].remote_id
    persons = person_makes_acme(sandbox)
    sandbox.update("contacts", contact, {}, [persons])
    with writing() as session:
        session.get_one(type(company), company.id).is_active = True
    run = pushed(blind)
    assert run.counts["companies"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]


def test_many_that_would_go_are_asked_about_first(
    blind: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B51: until that is answered no other automatic run changes anything there either."""
    monkeypatch.setattr("webapp.domain.runs.mass_change.FEWEST", 2)
    pulling.pulled(blind)
    for number in range(3):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
        make_company(name=f"Firm {number}", domain=f"firm{number}.de")
    pushed(blind)
    run = checked(sandbox)
    assert run.approval == "asked"
    assert len(objects(sandbox, "companies")) == 6
    edit_record("companies", 1, city="Ulm")
    bound_jobs().begin_auto_push(blind)
    behind = pulling.worked_off(pulling.all_rows(Run, kind="auto_push")[-1].id)
    assert (behind.waiting_for, behind.question) == ("approval", {"asked_by": run.id})
    assert mass_change.allow(current_services(), run.id)
    assert [pulling.worked_off(one.id).state for one in (run, behind)] == ["finished"] * 2
    assert {one.get("city") for one in objects(sandbox, "companies", "city")} == {"Ulm", None}


def test_what_was_looked_at_before_the_call_limit_is_not_forgotten(
    blind: int, sandbox: SandboxServer
) -> None:
    """B45: each takes single calls, of which the limit lets few pass at a time."""
    firms, pass_at_once = 20, 6
    for number in range(firms):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
        make_company(name=f"Firm {number}", domain=f"firm{number}.de")
    pushed(blind)
    time_goes_by(sandbox)
    limit: dict[str, Any] = {
        "status": 429,
        "method": "GET",
        "path": "/crm/objects/*/companies/*",
        "after": pass_at_once,
    }
    sandbox.fault("status", **limit, times=9)
    run = begun_and_worked_off()
    for _ in range(2 * firms // pass_at_once):
        assert (run.state, run.waiting_for) == ("running", "rate_limit")
        sandbox.clear_faults()
        sandbox.fault("status", **limit, times=9)
        run = pulling.wait_is_over(run.id)
    assert (run.state, run.counts["companies"]) == ("finished", {"updated": firms})
    assert len(objects(sandbox, "companies")) == firms


def test_an_edit_that_went_to_the_object_that_gives_way_is_sent_to_the_other(
    blind: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B44, B48: another worker sends it after the check has read the record, and before ours is archived."""
    pulling.pulled(blind)
    persons = person_makes_acme(sandbox)
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    real, later = joining.join, ["Ulm"]

    def join(*given: Any, **how: Any) -> Any:
        if later:
            edit_record("companies", 1, city=later.pop())
            _auto_pushed(blind)
        return real(*given, **how)

    monkeypatch.setattr(joining, "join", join)
    checked(sandbox)
    _auto_pushed(blind)
    assert sandbox.get("companies", persons)["properties"]["city"] == "Ulm"


def _auto_pushed(connection_id: int) -> Run:
    bound_jobs().begin_auto_push(connection_id)
    return pulling.worked_off(pulling.all_rows(Run, kind="auto_push")[-1].id)


def test_more_than_a_day_is_not_waited_for_the_search(blind: int, sandbox: SandboxServer) -> None:
    make_company(name="Acme", domain="acme.de")
    pushed(blind)
    time_goes_by(sandbox)
    sandbox.settings(search_delay_s=3600)
    with writing() as session:
        session.execute(update(CreationCheck).values(announced_at=datetime.now(UTC) - timedelta(days=2)))
    begun_and_worked_off()
    assert not pulling.all_rows(CreationCheck)


def _merged(winner: int, loser: int, administrator: User) -> None:
    found = merging.preview(current_services(), "companies", winner, loser)
    merging.merge(current_services(), "companies", winner, loser, found.versions, user_id=administrator.id)


@pytest.mark.every_database
def test_what_was_made_for_a_record_that_lives_on_as_another_is_looked_at_all_the_same(
    blind: int, sandbox: SandboxServer, administrator: User
) -> None:
    persons = person_makes_acme(sandbox)
    made = make_company(name="Acme", domain="acme.de")
    pushed(blind)
    winner = make_company(name="Acme", domain=None)
    _merged(winner.id, made.id, administrator)
    run = checked(sandbox)
    assert run.counts["companies"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "companies")] == [persons]
    [link] = pulling.links("companies")
    assert (link.record_id, link.remote_id) == (winner.id, persons)


@pytest.mark.every_database
def test_a_record_whose_object_is_giving_way_is_merged_into_no_other_before_that_is_done(
    blind: int, sandbox: SandboxServer, administrator: User
) -> None:
    """Half of it would stand in no log."""
    persons = person_makes_acme(sandbox)
    made = make_company(name="Acme", domain="acme.de")
    other = make_company(name="Other", domain="other.de")
    push = pushed(blind)
    time_goes_by(sandbox)
    with killed_after(joining, "_move", 1), pytest.raises(PowerCutError):
        begun_and_worked_off()
    with pytest.raises(RefusedError, match="one_just_changed"):
        _merged(other.id, made.id, administrator)
    pulling.worked_off(pulling.all_rows(Run, kind="check")[-1].id)
    assert "joined_meanwhile" in [one.reason for one in pulling.entries(push.id)]
    _merged(other.id, made.id, administrator)
    assert persons in [one["id"] for one in objects(sandbox, "companies")]
