"""What a push wrote in HubSpot is put back there, and neither side moves by itself afterwards (B38)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.invariants.both_sides import everything, planned_rows
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, change_contact, pushed, pushed_record
from tests.support.usecases.undoing import companies_of, links_now, portal_now, records_now, undo_of
from webapp.hubspot.calls.objects import ObjectCalls
from webapp.hubspot.errors import RefusedValue, ValidationFailed
from webapp.models import AnnouncedUpdate, Run
from webapp.store.push import outbox
from webapp.store.undo import remote as undo_remote
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.undo import remote_state
from webapp.usecases.undo import run as undo

pytestmark = pytest.mark.one_database

_COMPANIES, _CONTACTS = 6, 24
_EDITED_COMPANIES, _EDITED_CONTACTS = 3, 12


def _compared(connection_id: int) -> None:
    """Everything is compared by the automatic run that does so once a night."""
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    run = pulling.worked_off(started.run_id)
    assert (run.state, run.connection_id) == ("finished", connection_id)


def _edited_and_pushed(connection_id: int, sandbox: SandboxServer) -> int:
    """Pull, edit here, push; the number of the push."""
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    pulling.pulled(connection_id)
    for contact in pulling.contacts()[:_EDITED_CONTACTS]:
        change_contact(contact.id, job_title="Pushed", phone="+49 30 123456", city="Ulm")
    for company in pulling.companies()[:_EDITED_COMPANIES]:
        change_company(company.id, city="Ulm", postcode="89073")
    for contact in pulling.contacts()[-3:]:
        change_contact(contact.id, company_id=2 if contact.company_id == 1 else 1)
    return pushed(connection_id).id


@pytest.mark.every_database
def test_a_push_is_undone_whole(connection_id: int, sandbox: SandboxServer) -> None:
    """Blanks come back as blanks; the records here stay as they are."""
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    before = portal_now(sandbox)
    run_id = _edited_and_pushed(connection_id, sandbox)
    local = records_now()
    assert portal_now(sandbox) != before
    undo_run = undo_of(run_id)
    assert undo_run.state == "finished"
    assert portal_now(sandbox) == before
    assert records_now() == local
    assert undo_run.counts["contacts"] == {"updated": _EDITED_CONTACTS}
    assert undo_run.counts["companies"] == {"updated": _EDITED_COMPANIES}


def test_the_preview_says_what_the_undo_then_does(connection_id: int, sandbox: SandboxServer) -> None:
    run_id = _edited_and_pushed(connection_id, sandbox)
    first = pulling.links("contacts")[0]
    sandbox.update("contacts", first.remote_id, {"jobtitle": "Changed there"})
    before = everything(sandbox)
    preview = undo_of(run_id, is_preview=True)
    assert everything(sandbox) == before
    assert planned_rows() == 0
    undo_run = undo_of(run_id)
    assert preview.counts == undo_run.counts
    logged = [
        [(one.name, one.outcome, one.reason, one.changes) for one in pulling.entries(number)]
        for number in (preview.id, undo_run.id)
    ]
    assert logged[0] == logged[1]


def test_neither_side_moves_by_itself_afterwards(connection_id: int, sandbox: SandboxServer) -> None:
    """Also of kinds that HubSpot rewrites; a person who pushes sends what is here again."""
    run_id = _edited_and_pushed(connection_id, sandbox)
    undo_of(run_id)
    there, here = portal_now(sandbox), records_now()
    _compared(connection_id)
    assert (portal_now(sandbox), records_now()) == (there, here)
    run = pushed(connection_id)
    assert run.counts["contacts"]["updated"] == _EDITED_CONTACTS
    changed = {name for entry in pulling.entries(run.id) for name, _, _ in entry.changes or ()}
    assert changed >= {"job_title", "phone", "city", "postcode"}


def test_after_an_undone_pull_a_person_may_take_every_kind_again(
    connection_id: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "phone": "+49 30 1"})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"domain": "acme.com", "phone": "+49 30 2"})
    undo_of(pulling.pulled(connection_id).id)
    assert (pulling.company(1).domain, pulling.company(1).phone) == ("acme.de", "+49 30 1")
    _compared(connection_id)
    assert (pulling.company(1).domain, pulling.company(1).phone) == ("acme.de", "+49 30 1")
    pulling.pulled(connection_id)
    assert (pulling.company(1).domain, pulling.company(1).phone) == ("acme.com", "+49 30 2")


def test_what_changed_in_hubspot_since_is_left_alone_and_told(
    connection_id: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    change_company(1, city="Ulm", postcode="89073")
    run = pushed(connection_id)
    sandbox.update("companies", made["id"], {"city": "Mainz"})
    undo_run = undo_of(run.id)
    held = sandbox.get("companies", made["id"])["properties"]
    assert (held.get("city"), held.get("zip")) == ("Mainz", None)
    [entry] = pulling.entries(undo_run.id)
    assert (entry.reason, entry.changes) == ("undone_in_part", [["postcode", "89073", ""]])
    assert (entry.detail or {})["fields"] == [{"field": "city", "reason": "changed_since", "value": "Mainz"}]


def test_a_stage_goes_back_by_being_cleared_first(connection_id: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "lifecyclestage": "lead"})
    pulling.pulled(connection_id)
    change_company(1, status="Customer")
    run = pushed(connection_id)
    assert sandbox.get("companies", made["id"])["properties"]["lifecyclestage"] == "customer"
    undo_of(run.id)
    assert sandbox.get("companies", made["id"])["properties"]["lifecyclestage"] == "lead"


def test_a_match_is_unlinked_and_its_object_as_before(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    ann = {"email": "ana@acme.de", "firstname": "ana", "lastname": "Kern"}
    sandbox.create("contacts", ann, [firm["id"]])
    local = make_company(name="Acme AG", domain="acme.de", city="Bonn")
    make_contact(local.id, first_name="Ana", last_name="Kern", email="ana@acme.de")
    before = portal_now(sandbox)
    run = pushed(connection_id)
    assert len(pulling.links()) == 2
    undo_of(run.id)
    assert portal_now(sandbox) == before
    assert pulling.links() == []


def test_what_a_push_made_is_archived_only_after_a_yes(connection_id: int, sandbox: SandboxServer) -> None:
    pulling.pulled(connection_id)
    firm = make_company(name="Acme", domain="acme.de")
    make_contact(firm.id, first_name="Ana", email="ana@acme.de")
    make_contact(firm.id, first_name="Bo", email="bo@acme.de")
    local = records_now()
    run = pushed(connection_id)
    there = portal_now(sandbox)
    careful = undo_of(run.id)
    assert portal_now(sandbox) == there
    assert {one.reason for one in pulling.entries(careful.id)} == {"undo_keeps_created"}
    preview = undo_of(run.id, archives=True, is_preview=True)
    assert portal_now(sandbox) == there
    undo_run = undo_of(run.id, archives=True)
    assert portal_now(sandbox) == {"companies": [], "contacts": []}
    assert preview.counts == undo_run.counts
    assert {one.reason for one in pulling.entries(undo_run.id)} == {"undone_archived"}
    assert pulling.links() == []
    assert records_now() == local
    _compared(connection_id)
    assert (portal_now(sandbox), records_now()) == ({"companies": [], "contacts": []}, local)


def test_a_made_object_that_somebody_worked_on_stays(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that was not sent counts as well, and so does a stranger among a company's contacts."""
    make_company(name="Acme", domain="acme.de")
    make_company(name="Beta", domain="beta.de")
    make_company(name="Ceta", domain="ceta.de")
    run = pushed(connection_id)
    one, two, _ = (link.remote_id for link in pulling.links("companies"))
    monkeypatch.setattr(remote_state, "MAKING_TAKES", timedelta(0))
    sandbox.update("companies", one, {"city": "Bonn"})
    sandbox.create("contacts", {"email": "stranger@beta.de"}, [two])
    preview = undo_of(run.id, archives=True, is_preview=True)
    undo_run = undo_of(run.id, archives=True)
    assert preview.counts == undo_run.counts == {"companies": {"skipped": 2, "updated": 1}}
    assert {held["id"] for held in portal_now(sandbox)["companies"]} == {one, two}
    assert {link.remote_id for link in pulling.links("companies")} == {one, two}


@pytest.mark.every_database
def test_associations_go_back_to_what_they_were(connection_id: int, sandbox: SandboxServer) -> None:
    """One that was primary is again; a company that the push had added is left; none is none."""
    old, new, third = (
        sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"]
        for name in ("old", "new", "third")
    )
    moved = sandbox.create("contacts", {"email": "a@x.de"}, [old])["id"]
    both = sandbox.create("contacts", {"email": "b@x.de"}, [old, new])["id"]
    alone = sandbox.create("contacts", {"email": "c@x.de"})["id"]
    pulling.pulled(connection_id)
    ids = {link.remote_id: link.record_id for link in pulling.links()}
    companies = {link.remote_id: link.record_id for link in pulling.links("companies")}
    for remote_id in (moved, both):
        change_contact(ids[remote_id], company_id=companies[new])
    make_contact(companies[third], email="c@x.de")
    before = {one: companies_of(sandbox, one) for one in (moved, both, alone)}
    run = pushed(connection_id)
    assert {one: companies_of(sandbox, one) for one in (moved, both, alone)} != before
    undo_run = undo_of(run.id)
    assert undo_run.counts["associations"] == {"updated": 3}
    assert {one: companies_of(sandbox, one) for one in (moved, both, alone)} == before
    again = undo_of(undo_run.id)
    assert again.counts["associations"] == {"updated": 3}
    assert companies_of(sandbox, alone) == [
        (third, "contact_to_company"),
        (third, "contact_to_company_unlabeled"),
    ]


@pytest.mark.every_database
def test_an_undo_is_undone_in_turn(connection_id: int, sandbox: SandboxServer) -> None:
    run_id = _edited_and_pushed(connection_id, sandbox)
    local = make_company(name="Acme AG", domain="acme.de", city="Bonn")
    matched = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    second_id = pushed_record(connection_id, "companies", local.id).id
    pushed_state, linked = portal_now(sandbox), links_now()
    first, second = undo_of(second_id), undo_of(run_id)
    assert matched not in {link.remote_id for link in pulling.links()}
    undo_of(second.id)
    undo_of(first.id)
    assert portal_now(sandbox) == pushed_state
    assert [one[:5] for one in links_now()] == [one[:5] for one in linked]


def test_archived_objects_stay_archived_when_their_undo_is_undone(
    connection_id: int, sandbox: SandboxServer
) -> None:
    make_company(name="Acme", domain="acme.de")
    run = pushed(connection_id)
    [link] = pulling.links()
    first = undo_of(run.id, archives=True)
    again = undo_of(first.id)
    assert [(one.outcome, one.reason) for one in pulling.entries(again.id)] == [
        ("skipped", "undo_archived_stays")
    ]
    sandbox.restore("companies", link.remote_id)
    undo_of(first.id)
    assert [one.remote_id for one in pulling.links()] == [link.remote_id]


def test_one_record_and_one_field_alone(connection_id: int, sandbox: SandboxServer) -> None:
    made = [
        sandbox.create("companies", {"name": f"Firm {number}", "city": "Bonn", "zip": "53111"})["id"]
        for number in range(2)
    ]
    pulling.pulled(connection_id)
    for number in (1, 2):
        change_company(number, city="Ulm", postcode="89073")
    run = pushed(connection_id)
    undo_of(run.id, object_type="companies", record_id=1, only_field="city")
    held = [sandbox.get("companies", one)["properties"] for one in made]
    assert [(one["city"], one["zip"]) for one in held] == [("Bonn", "89073"), ("Ulm", "89073")]
    undo_of(run.id, object_type="companies", record_id=2)
    held = [sandbox.get("companies", one)["properties"] for one in made]
    assert [(one["city"], one["zip"]) for one in held] == [("Bonn", "89073"), ("Bonn", "53111")]


def test_what_hubspot_refuses_is_told_and_the_rest_goes_on(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    made = [sandbox.create("contacts", {"email": f"p{n}@acme.de"}, [firm])["id"] for n in range(3)]
    pulling.pulled(connection_id)
    for link in pulling.links("contacts"):
        change_contact(link.record_id, email=f"new-{link.remote_id}@acme.de")
    run = pushed(connection_id)
    sandbox.create("contacts", {"email": "p1@acme.de"}, [firm])
    undo_run = undo_of(run.id)
    assert undo_run.counts["contacts"] == {"updated": 2, "failed": 1}
    held = [sandbox.get("contacts", one)["properties"]["email"] for one in made]
    assert held == ["p0@acme.de", f"new-{made[1]}@acme.de", "p2@acme.de"]
    [refused] = [one for one in pulling.entries(undo_run.id) if one.outcome == "failed"]
    assert refused.reason == "undo_refused_by_hubspot"
    assert "already exists" in (refused.detail or {})["error"]


def test_one_property_that_hubspot_refuses_keeps_no_other_from_going_back(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    made = [
        sandbox.create("contacts", {"email": f"p{n}@acme.de", "city": "Bonn"}, [firm])["id"] for n in range(2)
    ]
    pulling.pulled(connection_id)
    for link in pulling.links("contacts"):
        change_contact(link.record_id, email=f"new-{link.remote_id}@acme.de", city="Ulm")
    run = pushed(connection_id)
    sandbox.create("contacts", {"email": "p1@acme.de"}, [firm])
    undo_run = undo_of(run.id)
    assert undo_run.counts["contacts"] == {"updated": 2}
    held = [sandbox.get("contacts", one)["properties"] for one in made]
    assert [(one["email"], one["city"]) for one in held] == [
        ("p0@acme.de", "Bonn"),
        (f"new-{made[1]}@acme.de", "Bonn"),
    ]
    [entry] = [one for one in pulling.entries(undo_run.id) if one.reason == "undone_less_refused"]
    assert entry.changes == [["city", "Ulm", "Bonn"]]
    detail = entry.detail or {}
    assert detail["fields"] == [
        {"field": "email", "reason": "undo_refused_by_hubspot", "value": f"new-{made[1]}@acme.de"}
    ]
    assert "already exists" in detail["error"]
    assert detail["property"] == "email"
    again = undo_of(undo_run.id)
    assert again.counts["contacts"] == {"updated": 2}
    assert {sandbox.get("contacts", one)["properties"]["city"] for one in made} == {"Ulm"}


@pytest.mark.parametrize("others", [{"city": "Ulm"}, {}], ids=["among others", "alone"])
def test_a_stage_that_hubspot_does_not_take_back_stays_as_it_was(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, others: dict[str, str]
) -> None:
    """It was cleared first, since HubSpot moves it forward only."""
    given = {"name": "Acme", "domain": "acme.de", "lifecyclestage": "lead", "city": "Bonn"}
    made = sandbox.create("companies", given)["id"]
    pulling.pulled(connection_id)
    change_company(1, status="Customer", **others)
    run = pushed(connection_id)
    assert sandbox.get("companies", made)["properties"]["lifecyclestage"] == "customer"
    real = ObjectCalls.batch_update

    def batch_update(self: Any, kind: Any, inputs: Any) -> Any:
        if any(one.properties.get("lifecyclestage") == "lead" for one in inputs):
            problem = RefusedValue("lifecyclestage", "INVALID_OPTION", "lead was not one of the options")
            raise ValidationFailed(problem.message, problems=[problem], status=400)
        return real(self, kind, inputs)

    monkeypatch.setattr(ObjectCalls, "batch_update", batch_update)
    undo_of(run.id)
    held = sandbox.get("companies", made)["properties"]
    assert (held["lifecyclestage"], held["city"]) == ("customer", "Bonn")


def test_objects_that_are_gone_or_merged_are_left_alone(connection_id: int, sandbox: SandboxServer) -> None:
    run_id = _edited_and_pushed(connection_id, sandbox)
    links = pulling.links("contacts")
    sandbox.archive("contacts", links[0].remote_id)
    sandbox.merge("contacts", links[1].remote_id, links[2].remote_id)
    undo_run = undo_of(run_id)
    logged = {one.remote_id: one.reason for one in pulling.entries(undo_run.id) if one.outcome == "skipped"}
    assert logged[links[0].remote_id] == "gone_in_hubspot"
    assert logged[links[2].remote_id] == "undo_merged_there"


def test_what_somebody_else_archived_just_before_is_no_work_of_the_undo(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """B46: a person in HubSpot, or the check of what a push made, archives objects too."""
    make_contact(make_company(name="Acme", domain="acme.de").id, first_name="Ana", email="ana@acme.de")
    run_id = pushed(connection_id).id
    [link] = pulling.links("contacts")
    sandbox.archive("contacts", link.remote_id)
    undo_run = undo_of(run_id, archives=True)
    reasons = {one.object_type: one.reason for one in pulling.entries(undo_run.id)}
    assert reasons == {"contacts": "gone_in_hubspot", "companies": "undone_archived"}


@pytest.mark.parametrize(
    "fault",
    [{"kind": "cut_after"}, {"kind": "status", "status": 502, "effect": "after"}],
    ids=["cut after", "502 after"],
)
def test_lost_answers_change_nothing(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]
) -> None:
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    before = portal_now(sandbox)
    run_id = _edited_and_pushed(connection_id, sandbox)
    pulling.hasty_retries(monkeypatch)
    sandbox.fault(method="POST", path="*/batch/update", times=2, **fault)
    undo_run = finished_in_the_end(undo_of(run_id))
    assert portal_now(sandbox) == before
    assert undo_run.counts["contacts"] == {"updated": _EDITED_CONTACTS}


def _killed_and_taken_up(undo_request: undo.UndoRequest, stretch: int = 1) -> Run:
    """An undo whose worker dies when HubSpot has taken its nth stretch, and before that is written here."""
    started = undo.start(current_services(), undo_request, trigger="command", user_id=None, is_preview=False)
    with killed_after(undo_remote, "write", stretch), pytest.raises(PowerCutError):
        pulling.worked_off(started.run_id)
    return finished_in_the_end(pulling.worked_off(started.run_id))


@pytest.mark.parametrize("stretch", [1, 2, 3], ids=["associations", "contacts", "companies"])
@pytest.mark.every_database
def test_what_was_put_back_is_told_though_the_worker_was_killed(
    connection_id: int, sandbox: SandboxServer, stretch: int
) -> None:
    sandbox.reset(companies=_COMPANIES, contacts=_CONTACTS)
    before = portal_now(sandbox)
    run = _killed_and_taken_up(undo.UndoRequest(run_id=_edited_and_pushed(connection_id, sandbox)), stretch)
    assert portal_now(sandbox) == before
    assert run.counts == {
        "associations": {"updated": 3},
        "contacts": {"updated": _EDITED_CONTACTS},
        "companies": {"updated": _EDITED_COMPANIES},
    }
    assert len(pulling.entries(run.id)) == 3 + _EDITED_CONTACTS + _EDITED_COMPANIES
    assert not pulling.all_rows(AnnouncedUpdate)


@pytest.mark.every_database
def test_what_was_archived_is_told_though_the_worker_was_killed(
    connection_id: int, sandbox: SandboxServer
) -> None:
    make_contact(make_company(name="Acme", domain="acme.de").id, first_name="Ana", email="ana@acme.de")
    run = _killed_and_taken_up(undo.UndoRequest(run_id=pushed(connection_id).id, archives=True))
    assert portal_now(sandbox) == {"companies": [], "contacts": []}
    assert run.counts == {"contacts": {"updated": 1}, "companies": {"updated": 1}}
    assert pulling.links() == []


@pytest.mark.every_database
def test_an_hours_automatic_run_is_undone_edit_by_edit(connection_id: int, sandbox: SandboxServer) -> None:
    """One record stands in its log as often as it was sent; the preview sees through to the first state."""
    sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    before = portal_now(sandbox)
    for city in ("Ulm", "Kiel", "Jena"):
        change_company(1, city=city)
        with writing() as session:
            outbox.add(session, "companies", [1], datetime.now(UTC))
        bound_jobs().begin_auto_push(connection_id)
        [run] = [run for run in pulling.all_rows(Run) if run.kind == "auto_push"]
        pulling.worked_off(run.id)
    assert len(pulling.entries(run.id)) == 3
    preview = undo_of(run.id, is_preview=True)
    undo_run = undo_of(run.id)
    assert portal_now(sandbox) == before
    logged = [
        [(one.outcome, one.reason, one.changes) for one in pulling.entries(number)]
        for number in (preview.id, undo_run.id)
    ]
    assert logged[0] == logged[1]
    assert [one[2] for one in logged[0]] == [
        [["city", "Jena", "Kiel"]],
        [["city", "Kiel", "Ulm"]],
        [["city", "Ulm", "Bonn"]],
    ]
