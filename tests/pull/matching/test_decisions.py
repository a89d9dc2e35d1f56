"""What people decide about held objects is carried out, and remembered by every later pull."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.support.applications.services import current_services, writing
from tests.support.faults.kills import PowerCutError, killed_after
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.errors import RefusedError
from webapp.models import Company, Contact, Link, RemoteObject, Run
from webapp.usecases.held import carry_out, decisions

pytestmark = pytest.mark.one_database


@pytest.fixture
def question(connection_id: int, sandbox: SandboxServer) -> tuple[RemoteObject, Contact]:
    """A held contact, and the record that it may be; the two agree in name and phone, not in address."""
    record = make_contact(first_name="Eva", last_name="Kern", email="other@x.de", phone="030 1234567")
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": "+49 30 1234567"}
    made = sandbox.create("contacts", values, [firm["id"]])
    pulling.pulled(connection_id)
    return pulling.left_out_of(made["id"]), record


def test_linked_by_a_person_it_is_brought_to_hubspots_present_state(
    connection_id: int, sandbox: SandboxServer, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    sandbox.update("contacts", found.remote_id, {"jobtitle": "Editor"})
    pulling.decided(found.id, "link", record.id)
    contact = pulling.contact(record.id)
    assert (contact.email, contact.job_title, contact.company_id) == (
        "eva@n.de",
        "Editor",
        pulling.companies()[0].id,
    )
    link = pulling.link_of(found.remote_id)
    assert (link.record_id, link.last_reason) == (record.id, "decided_link")
    assert pulling.left_out() == []
    shown = pulling.run_of(link.last_run_id or 0)
    assert (shown.kind, shown.state, shown.counts) == ("decisions", "finished", {"contacts": {"updated": 1}})
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 1}


@pytest.mark.every_database
def test_kept_apart_it_becomes_a_record_of_its_own_for_good(
    connection_id: int, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    pulling.decided(found.id, "apart")
    assert [one.email for one in pulling.contacts()] == ["other@x.de", "eva@n.de"]
    assert pulling.link_of(found.remote_id).record_id != record.id
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 1}
    with writing() as session:
        session.delete(session.merge(pulling.link_of(found.remote_id)))
        session.delete(session.merge(pulling.contacts()[1]))
    assert pulling.pulled(connection_id).counts["contacts"] == {"created": 1}


def test_kept_apart_it_stays_out_if_the_rule_excludes_it_by_now(
    connection_id: int, question: tuple[RemoteObject, Contact]
) -> None:
    """B27: only the decision to import it after all says otherwise."""
    found, _record = question
    pulling.add_rule(connection_id, "contacts", {"field": "city", "operator": "is", "value": "Bonn"})
    pulling.decided(found.id, "apart")
    assert [one.email for one in pulling.contacts()] == ["other@x.de"]
    left = pulling.left_out_of(found.remote_id)
    assert (left.state, left.reason, left.decision) == ("excluded", "rule_excluded", None)
    assert pulling.pulled(connection_id).counts["contacts"] == {"skipped": 1}
    pulling.decided(left.id, "import")
    assert [one.email for one in pulling.contacts()] == ["other@x.de", "eva@n.de"]


def test_left_out_by_a_person_it_stays_out_until_decided_anew(
    connection_id: int, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    pulling.decided(found.id, "skip")
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id) == [(found.remote_id, "skipped", "person_skipped")]
    assert pulling.left_out_of(found.remote_id).state == "skipped"
    pulling.decided(found.id, "link", record.id)
    assert pulling.link_of(found.remote_id).record_id == record.id


def test_what_was_left_out_is_imported_after_all_as_a_record_of_its_own(
    question: tuple[RemoteObject, Contact],
) -> None:
    found, record = question
    pulling.decided(found.id, "skip")
    pulling.decided(found.id, "import")
    link = pulling.link_of(found.remote_id)
    assert link.record_id != record.id
    assert (link.last_outcome, link.last_reason) == ("created", "decided_import")


@pytest.mark.every_database
def test_an_object_that_is_gone_leaves_nothing_to_decide(
    connection_id: int, sandbox: SandboxServer, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    sandbox.archive("contacts", found.remote_id)
    pulling.decided(found.id, "link", record.id)
    assert pulling.left_out() == []
    assert pulling.links("contacts") == []
    assert pulling.connection_of(connection_id).state == "connected"


@pytest.mark.every_database
def test_a_decision_about_an_object_that_was_merged_away_is_not_repeated_for_ever(
    sandbox: SandboxServer, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    other = sandbox.create("contacts", {"firstname": "Eva", "email": "eva.kern@n.de"})
    survivor = sandbox.merge("contacts", found.remote_id, other["id"])
    pulling.decided(found.id, "link", record.id)
    (pending,) = pulling.left_out()
    assert (pending.remote_id, pending.state, pending.decision) == (survivor["id"], "held", None)


@pytest.mark.every_database
def test_a_decision_that_a_lost_queue_left_undone_is_kept_by_the_next_pull(
    connection_id: int, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    decisions.resolve(current_services(), found.id, "link", record.id, None)
    pulling.pulled(connection_id)
    assert pulling.link_of(found.remote_id).record_id == record.id


@pytest.mark.every_database
def test_what_is_held_again_is_logged_once_whoever_is_killed(
    question: tuple[RemoteObject, Contact],
) -> None:
    found, _record = question
    decisions.resolve(current_services(), found.id, "again", None, None)
    with killed_after(carry_out, "apply_page", 1), pytest.raises(PowerCutError):
        carry_out.carry_out(current_services(), found.id)
    [run] = [one for one in pulling.all_rows(Run) if one.kind == "decisions"]
    assert pulling.worked_off(run.id).state == "finished"
    assert pulling.outcomes(run.id) == [(found.remote_id, "held", "doubtful_match")]


def test_about_an_object_that_cannot_be_read_it_is_tried_once_and_may_be_made_again(
    sandbox: SandboxServer, question: tuple[RemoteObject, Contact]
) -> None:
    found, record = question
    sandbox.fault("odd", method="GET", path=f"*/contacts/{found.remote_id}", oddity="date")
    pulling.decided(found.id, "link", record.id)
    [failed] = [one for one in pulling.all_rows(Run) if one.kind == "decisions"]
    assert pulling.outcomes(failed.id) == [(found.remote_id, "failed", "unreadable_object")]
    carry_out.carry_out_forgotten(current_services())
    assert [one.id for one in pulling.all_rows(Run) if one.kind == "decisions"] == [failed.id]
    sandbox.clear_faults()
    pulling.decided(found.id, "link", record.id)
    assert pulling.link_of(found.remote_id).record_id == record.id


def test_a_record_that_is_no_candidate_or_linked_already_is_refused(
    connection_id: int, sandbox: SandboxServer, question: tuple[RemoteObject, Contact]
) -> None:
    found, _record = question
    with pytest.raises(RefusedError, match=r"^no_such_candidate$"):
        decisions.resolve(current_services(), found.id, "link", make_contact(email="third@x.de").id, None)
    record = make_company(name="Mistral", domain="m.de")
    sandbox.create("companies", {"name": "Mistral", "domain": "m.de"})
    pulling.pulled(connection_id)
    with writing() as session:
        session.execute(update(Link).where(Link.record_id == record.id).values(state="stopped"))
    sandbox.create("companies", {"name": "Mistral AG", "domain": "m.de"})
    pulling.pulled(connection_id)
    (second,) = pulling.left_out("companies")
    assert (second.state, second.reason) == ("held", "may_be_successor")
    with pytest.raises(RefusedError, match=r"^already_linked$"):
        decisions.resolve(current_services(), second.id, "link", record.id, None)
    pulling.decided(second.id, "apart")
    assert isinstance(pulling.company(record.id), Company)
    assert len(pulling.links("companies")) == len(pulling.companies())


def test_what_is_settled_cannot_be_settled_again(question: tuple[RemoteObject, Contact]) -> None:
    found, record = question
    pulling.decided(found.id, "link", record.id)
    with pytest.raises(RefusedError, match=r"^already_settled$"):
        decisions.resolve(current_services(), found.id, "apart", None, None)


def test_a_decision_that_cannot_be_carried_out_is_not_tried_for_ever(
    question: tuple[RemoteObject, Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, record = question

    def failing(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("webapp.domain.pull.linked.pulled_changes", failing)
    pulling.decided(found.id, "link", record.id)
    still_held = pulling.left_out_of(found.remote_id)
    assert (still_held.state, still_held.decision) == ("held", None)
