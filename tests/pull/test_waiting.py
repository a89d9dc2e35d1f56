"""A contact waits for its company, and comes in once that is here, whoever brings it (B54)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import delete, update

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, pushed
from webapp.models import Connection, InboxEvent, RemoteObject, Run, SyncRule
from webapp.usecases.held import decisions
from webapp.usecases.held import records as held_pushes
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.one_database


class Waiting(NamedTuple):
    """A company that a pull held, the contact that waits for it, and the record that it may be."""

    firm: str
    person: str
    record_id: int


@pytest.fixture
def waiting(connection_id: int, sandbox: SandboxServer) -> Waiting:
    """Only its name says that the company may be the record."""
    record = make_company(name="Birke Druckwerk", domain=None)
    firm = sandbox.create("companies", {"name": "Birke Druckwerk", "domain": "birke.de"})["id"]
    person = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@birke.de"}, [firm])["id"]
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id) == [
        (firm, "held", "doubtful_match"),
        (person, "skipped", "waiting_for_company"),
    ]
    left = pulling.left_out_of(person)
    assert (left.state, left.reason, left.detail) == ("waiting", "waiting_for_company", {"company": firm})
    return Waiting(firm, person, record.id)


def _company_of(person: str) -> int | None:
    return pulling.contact(pulling.link_of(person).record_id).company_id


def test_it_comes_in_when_a_person_says_that_the_company_is_the_record(
    connection_id: int, waiting: Waiting
) -> None:
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == waiting.record_id
    assert pulling.left_out() == []


def test_it_comes_in_when_a_person_keeps_the_company_apart(connection_id: int, waiting: Waiting) -> None:
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "apart")
    run = pulling.looked_again(connection_id)
    assert run is not None
    assert pulling.outcomes(run.id) == [(waiting.person, "created", None)]
    assert _company_of(waiting.person) == pulling.link_of(waiting.firm, "companies").record_id


@pytest.mark.every_database
def test_nobody_waits_for_a_company_that_a_person_has_left_out(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """Neither those that were waiting, nor who comes later; all come in should the company be imported."""
    company = pulling.left_out_of(waiting.firm, "companies")
    pulling.decided(company.id, "skip")
    values = {"firstname": "Ida", "email": "ida@birke.de"}
    later = sandbox.create("contacts", values, [waiting.firm])["id"]
    pulling.pulled(connection_id)
    people = (waiting.person, later)
    left = [pulling.left_out_of(one) for one in people]
    assert [(one.state, one.reason) for one in left] == [("unlinked", "company_left_out")] * 2
    pulling.decided(company.id, "import")
    pulling.looked_again(connection_id)
    assert len({_company_of(one) for one in people}) == 1
    assert pulling.left_out() == []


def test_contacts_wait_again_once_a_skip_of_their_company_is_revoked(waiting: Waiting) -> None:
    company = pulling.left_out_of(waiting.firm, "companies")
    pulling.decided(company.id, "skip")
    assert pulling.left_out_of(waiting.person).reason == "company_left_out"
    assert decisions.withdraw(current_services(), company.id)
    left = pulling.left_out_of(waiting.person)
    assert (left.state, left.reason) == ("waiting", "waiting_for_company")


def test_it_comes_in_with_a_company_that_a_reconcile_finds_changed(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """Whether or not the contact was changed as well."""
    with writing() as session:
        session.execute(update(RemoteObject).values(remote_updated_at=pulling.run_of(1).finished_at))
    sandbox.update("companies", waiting.firm, {"name": "Somebody Else"})
    sandbox.settings(search_delay_s=0)
    pulling.forget_looks(connection_id)
    begin_reconcile.begin_due(current_services())
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == pulling.link_of(waiting.firm, "companies").record_id


@pytest.mark.every_database
def test_it_comes_in_with_a_pull_of_the_company(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    sandbox.update("companies", waiting.firm, {"name": "Somebody Else"})
    pulling.pulled(connection_id)
    assert _company_of(waiting.person) == pulling.link_of(waiting.firm, "companies").record_id


def test_it_comes_in_when_a_push_links_the_company(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    give_key(sandbox, connection_id)
    pushed(connection_id)
    [found] = held()
    assert (found.record_id, found.reason) == (waiting.record_id, "candidate_of_held")
    several = held_pushes.resolve_several(current_services(), [found.id], "link", None)
    assert several.run_id is not None
    pulling.worked_off(several.run_id)
    assert pulling.link_of(waiting.firm, "companies").record_id == waiting.record_id
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == waiting.record_id


def test_it_comes_in_when_the_company_is_merged_into_one_that_is_here(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """The message about the contact may be lost."""
    other = sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"]
    pulling.pulled(connection_id)
    sandbox.merge("companies", other, waiting.firm)
    pulling.begun(connection_id, "pull")
    with writing() as session:
        session.execute(delete(InboxEvent))
    pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert _company_of(waiting.person) == pulling.links("companies")[0].record_id


def test_a_contact_of_an_excluded_company_comes_in_once_the_rules_admit_that(
    connection_id: int, sandbox: SandboxServer
) -> None:
    pulling.add_rule(connection_id, "companies", {"field": "city", "operator": "is", "value": "Ulm"})
    firm = sandbox.create("companies", {"name": "Acme", "city": "Kiel", "domain": "acme.de"})["id"]
    person = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@acme.de"}, [firm])["id"]
    pulling.pulled(connection_id)
    assert pulling.left_out_of(person).reason == "company_excluded"
    with writing() as session:
        session.execute(delete(SyncRule))
    pulling.decided(pulling.left_out_of(firm, "companies").id, "again")
    pulling.looked_again(connection_id)
    assert _company_of(person) == pulling.link_of(firm, "companies").record_id


def test_it_comes_in_with_the_next_reconcile_where_its_company_was_linked_at_the_same_moment(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """Of two transactions at once neither sees what the other is writing."""
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    with writing() as session:
        session.execute(delete(InboxEvent))
    sandbox.settings(search_delay_s=0)
    pulling.forget_looks(connection_id)
    with writing() as session:
        session.get_one(Connection, connection_id).watermark = datetime.now(UTC) + timedelta(hours=1)
    begin_reconcile.begin_due(current_services())
    run = pulling.worked_off(pulling.all_rows(Run)[-1].id)
    assert pulling.outcomes(run.id) == []
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == waiting.record_id


def test_the_question_of_a_held_contact_is_answered_by_its_company(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """A name and nearly a phone number are a question; with one company besides they are the same person."""
    here = make_contact(
        waiting.record_id, first_name="Tuva", last_name="Ekelöf", email=None, phone="+46 46 211 804"
    )
    values = {"firstname": "Tuva", "lastname": "Ekelöf", "phone": "+46 46 241 804"}
    tuva = sandbox.create("contacts", values, [waiting.firm])["id"]
    pulling.pulled(connection_id)
    assert pulling.left_out_of(tuva).reason == "doubtful_match"
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.looked_again(connection_id)
    assert pulling.link_of(tuva).record_id == here.id


@pytest.mark.every_database
def test_those_of_other_companies_go_on_waiting_and_nobody_is_read_twice(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    make_company(name="Linde Werke", domain=None)
    firm = sandbox.create("companies", {"name": "Linde Werke", "domain": "linde.de"})["id"]
    other = sandbox.create("contacts", {"firstname": "Ida", "email": "ida@linde.de"}, [firm])["id"]
    pulling.pulled(connection_id)
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    assert [one.remote_id for one in pulling.all_rows(InboxEvent)] == [waiting.person]
    pulling.looked_again(connection_id)
    assert pulling.left_out_of(other).state == "waiting"
    assert pulling.looked_again(connection_id) is None


def test_a_rule_about_the_company_waits_for_the_company(connection_id: int, sandbox: SandboxServer) -> None:
    """What it says is not known before: blank would exclude the contact, and nobody would look again."""
    pulling.add_rule(
        connection_id,
        "contacts",
        {"field": "company.city", "operator": "is", "value": "Ulm"},
        {"field": "last_name", "operator": "is_not", "value": "Roth"},
    )
    records = [make_company(name=name, domain=None).id for name in ("Birke Druckwerk", "Linde Werke")]
    firms = [
        sandbox.create("companies", {"name": name, "domain": domain, "city": city})["id"]
        for name, domain, city in (
            ("Birke Druckwerk", "birke.de", "Ulm"),
            ("Linde Werke", "linde.de", "Kiel"),
        )
    ]
    people = [
        sandbox.create("contacts", {"lastname": name, "email": f"{name}{place}@x.de"}, [firm])["id"]
        for place, firm in enumerate(firms)
        for name in ("Kern", "Roth")
    ]
    run = pulling.pulled(connection_id)
    ends = {one: reason for one, _, reason in pulling.outcomes(run.id)}
    assert [ends[one] for one in people] == ["waiting_for_company", "rule_excluded"] * 2
    for firm, record_id in zip(firms, records, strict=True):
        pulling.decided(pulling.left_out_of(firm, "companies").id, "link", record_id)
    pulling.looked_again(connection_id)
    assert _company_of(people[0]) == records[0]
    assert pulling.left_out_of(people[2]).reason == "rule_excluded"
