"""What a pull wrote here is put back, and neither side moves by itself afterwards (B38)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.databases.statements import statements
from tests.support.invariants.both_sides import everything, planned_rows
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_company, change_contact, pushed
from tests.support.usecases.undoing import links_now, records_now, undo_of
from webapp.errors import RefusedError
from webapp.models import ContactAddress
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.local import undo_page

pytestmark = pytest.mark.one_database


def _compared(connection_id: int) -> None:
    """Everything is compared by the automatic run that does so once a night."""
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    run = pulling.worked_off(started.run_id)
    assert (run.state, run.connection_id) == ("finished", connection_id)


@pytest.mark.every_database
def test_a_first_pull_is_undone_whole(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.reset(companies=30, contacts=150)
    make_contact(make_company(name="Ours", domain="ours.de").id, first_name="Ana", email="ana@ours.de")
    before = records_now()
    run = pulling.pulled(connection_id)
    writes = sandbox.counts()["writes"]
    undo = undo_of(run.id)
    assert (undo.state, undo.kind) == ("finished", "undo")
    assert records_now() == before
    assert pulling.links() == []
    assert sandbox.counts()["writes"] == writes, "HubSpot was not asked for anything"
    made = {kind: counts["created"] for kind, counts in run.counts.items()}
    assert {kind: counts["updated"] for kind, counts in undo.counts.items()} == made


def test_the_preview_says_what_the_undo_then_does(connection_id: int, sandbox: SandboxServer) -> None:
    """Companies would be removed as well, since the contacts that they have now would be gone by then."""
    sandbox.reset(companies=20, contacts=60)
    run = pulling.pulled(connection_id)
    change_contact(pulling.contacts()[5].id, job_title="Edited here")
    before = everything(sandbox)
    preview = undo_of(run.id, is_preview=True)
    assert everything(sandbox) == before
    assert planned_rows() == 0
    undo = undo_of(run.id)
    assert preview.counts == undo.counts
    assert [(one.name, one.outcome, one.reason, one.changes) for one in pulling.entries(preview.id)] == [
        (one.name, one.outcome, one.reason, one.changes) for one in pulling.entries(undo.id)
    ]


def test_neither_side_moves_by_itself_afterwards(connection_id: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln", "zip": "50667"})
    run = pulling.pulled(connection_id)
    undo_of(run.id)
    company = pulling.company(1)
    assert (company.city, company.postcode) == ("Bonn", None)
    assert pulling.link_of(made["id"], "companies").remote_seen["city"] == "Köln"
    writes = sandbox.counts()["writes"]
    _compared(connection_id)
    assert (pulling.company(1).city, pulling.company(1).postcode) == ("Bonn", None)
    assert sandbox.counts()["writes"] == writes
    pulling.pulled(connection_id)
    assert pulling.company(1).city == "Köln", "a person who pulls takes HubSpot's values"


def test_what_an_undo_removed_comes_back_by_a_persons_pull_alone(
    connection_id: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    undo_of(pulling.pulled(connection_id).id)
    _compared(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln"})
    _compared(connection_id)
    assert pulling.companies() == []
    [left] = pulling.left_out("companies")
    assert (left.state, left.reason) == ("ignored", "undone")
    run = pulling.pulled(connection_id)
    assert run.counts["companies"] == {"created": 1}
    assert pulling.left_out() == []


@pytest.mark.every_database
def test_what_changed_since_is_left_alone_and_told(connection_id: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln", "zip": "50667"})
    run = pulling.pulled(connection_id)
    change_company(1, city="Ulm")
    undo = undo_of(run.id)
    assert (pulling.company(1).city, pulling.company(1).postcode) == ("Ulm", None)
    [entry] = pulling.entries(undo.id)
    assert (entry.outcome, entry.reason, entry.changes) == (
        "updated",
        "undone_in_part",
        [["postcode", "50667", None]],
    )
    assert (entry.detail or {})["fields"] == [{"field": "city", "reason": "changed_since", "value": "Ulm"}]


def test_a_made_record_that_was_touched_is_deactivated(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"firstname": "Ana", "email": "ana@acme.de"}, [firm["id"]])
    run = pulling.pulled(connection_id)
    change_contact(1, phone="+49 30 1")
    undo = undo_of(run.id)
    contact, company = pulling.contact(1), pulling.company(1)
    assert (contact.is_active, contact.phone) == (False, "+49 30 1")
    assert company.is_active is False, "it has a contact, so it is not removed"
    assert pulling.links() == []
    assert {one.reason for one in pulling.entries(undo.id)} == {"undone_deactivated"}
    assert pushed(connection_id).counts["contacts"] == {"skipped": 1}


def test_a_match_is_unlinked_and_the_record_as_before(connection_id: int, sandbox: SandboxServer) -> None:
    record = make_company(name="Acme", domain="acme.de", city=None)
    sandbox.create("companies", {"name": "Acme AG", "domain": "acme.de", "city": "Bonn"})
    before = records_now()
    run = pulling.pulled(connection_id)
    assert pulling.company(record.id).city == "Bonn"
    undo_of(run.id)
    assert records_now() == before
    assert pulling.links() == []


@pytest.mark.every_database
def test_an_undo_is_undone_in_turn(connection_id: int, sandbox: SandboxServer) -> None:
    """Removed records come back under their numbers, with links and further addresses."""
    sandbox.reset(companies=10, contacts=40)
    make_company(name="Acme", domain="acme.de")
    sandbox.create("companies", {"name": "Acme AG", "domain": "acme.de", "city": "Bonn"})
    run = pulling.pulled(connection_id)
    pulled, linked = records_now(), links_now()
    first = undo_of(run.id)
    gone = records_now()
    second = undo_of(first.id)
    assert (records_now(), links_now()) == (pulled, linked)
    third = undo_of(second.id)
    assert records_now() == gone
    assert pulling.links() == []
    assert third.counts == first.counts


def test_runs_in_a_row_are_undone_in_reverse_order(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.reset(companies=10, contacts=40)
    states, done = [records_now()], []
    for turn in range(3):
        for number in range(3):
            remote_id = sandbox.create("companies", {"name": f"New {turn}-{number}"})["id"]
            sandbox.create("contacts", {"email": f"p{number}@new{turn}.de"}, [remote_id])
        if turn:
            for link in pulling.links("companies")[:5]:
                sandbox.update("companies", link.remote_id, {"city": f"City {turn}"})
        done.append(pulling.pulled(connection_id).id)
        states.append(records_now())
    for run_id in reversed(done):
        states.pop()
        undo_of(run_id)
        assert records_now() == states[-1]


@pytest.mark.every_database
def test_one_record_and_one_field_alone(connection_id: int, sandbox: SandboxServer) -> None:
    made = [
        sandbox.create("companies", {"name": f"Firm {number}", "city": "Bonn", "zip": "53111"})["id"]
        for number in range(2)
    ]
    pulling.pulled(connection_id)
    for remote_id in made:
        sandbox.update("companies", remote_id, {"city": "Köln", "zip": "50667"})
    run = pulling.pulled(connection_id)
    undo_of(run.id, object_type="companies", record_id=1, only_field="city")
    assert [(one.city, one.postcode) for one in pulling.companies()] == [
        ("Bonn", "50667"),
        ("Köln", "50667"),
    ]
    undo_of(run.id, object_type="companies", record_id=2)
    assert [(one.city, one.postcode) for one in pulling.companies()] == [
        ("Bonn", "50667"),
        ("Bonn", "53111"),
    ]
    assert len(pulling.links()) == 2


@pytest.mark.every_database
def test_an_undo_goes_on_where_it_was_cut_off(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.reset(companies=20, contacts=150)
    run = pulling.pulled(connection_id)
    pulling.short_slices(monkeypatch)
    undo = undo_of(run.id)
    assert undo.fence > 1
    assert records_now() == {"companies": [], "contacts": []}


def test_a_cancelled_run_is_undone_as_far_as_it_came(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.reset(companies=40, contacts=10)
    pulling.short_slices(monkeypatch)
    pulling.short_pages(monkeypatch, 10)
    run_id = pulling.begun(connection_id)
    pulling.one_slice(run_id)
    pulling.one_slice(run_id)
    assert pulling.companies()
    with pytest.raises(RefusedError, match=r"^not_over$"):
        undo_of(run_id)
    lifecycle.cancel(current_services(), run_id)
    undo_of(run_id)
    assert pulling.companies() == []


def test_what_cannot_be_undone_is_refused(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Acme"})
    preview = undo_of(pulling.pulled(connection_id).id, is_preview=True)
    with pytest.raises(RefusedError, match=r"^preview_wrote_nothing$"):
        undo_of(preview.id)
    with pytest.raises(RefusedError, match=r"^no_such_run$"):
        undo_of(77)


def test_a_record_that_is_not_here_any_more_is_told_of(connection_id: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn"})
    first = pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"city": "Köln"})
    second = pulling.pulled(connection_id)
    undo_of(second.id)
    undo_of(first.id)
    again = undo_of(second.id)
    assert [(one.outcome, one.reason) for one in pulling.entries(again.id)] == [("skipped", "undo_not_here")]


@pytest.mark.every_database
def test_further_addresses_that_came_go_again(connection_id: int, sandbox: SandboxServer) -> None:
    """They are told of by the pull, also where nothing else changed, and come back if the undo is undone."""
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    made = sandbox.create("contacts", {"firstname": "Ana", "email": "ana@acme.de"}, [firm])["id"]
    pulling.pulled(connection_id)
    sandbox.update("contacts", made, {"hs_additional_emails": "ana@old.de;ana@older.de"})
    run = pulling.pulled(connection_id)
    assert run.counts["contacts"] == {"updated": 1}
    assert [one.detail for one in pulling.entries(run.id)] == [{"addresses": ["ana@old.de", "ana@older.de"]}]
    assert len(pulling.all_rows(ContactAddress)) == 2
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 1}
    first = undo_of(run.id)
    assert pulling.all_rows(ContactAddress) == []
    undo_of(first.id)
    assert {one.email_key for one in pulling.all_rows(ContactAddress)} == {"ana@old.de", "ana@older.de"}


@pytest.mark.every_database
def test_a_page_costs_a_fixed_number_of_statements(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten records or ninety: fields, companies and addresses that go back, then records that go."""
    counted: list[int] = []

    def counting(undoing: Any) -> None:
        with statements() as recorded:
            undo_page(undoing)
        counted.append(len(recorded))

    monkeypatch.setattr(undo_run, "undo_page", counting)
    for size in (10, 90):
        sandbox.reset(companies=0, contacts=0)
        pulling.forget_everything()
        firms = [sandbox.create("companies", {"name": f"F{n}", "domain": f"f{n}.de"})["id"] for n in range(2)]
        people = [
            sandbox.create("contacts", {"firstname": f"P{n}", "email": f"p{n}@f.de"}, [firms[0]])["id"]
            for n in range(size)
        ]
        made = pulling.pulled(connection_id)
        for number in people:
            further = {"hs_additional_emails": f"further{number}@f.de"}
            sandbox.update("contacts", number, {"city": "Bonn", **further}, [firms[1]])
        changed = pulling.pulled(connection_id)
        for run in (changed, made):
            assert undo_of(run.id).counts["contacts"] == {"updated": size}
    few, many = counted[: len(counted) // 2], counted[len(counted) // 2 :]
    assert few == many
