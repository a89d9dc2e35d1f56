"""Two records become one: blanks are filled, links, contacts and history kept (B24, B43)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.applications.turns import take_turns
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import primary_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.merging import gained, lost
from webapp.domain.records.values import Value
from webapp.domain.webhooks.events import read_events
from webapp.errors import RefusedError
from webapp.models import Company, Contact, ContactAddress, MergedRecord, OutboxRecord, RecordEdit, Run
from webapp.models.people.users import User
from webapp.store.webhooks import inbox
from webapp.usecases.records import merging

LogIn = Callable[[User], FlaskClient]

# So long a merge has to come in between, or to be found waiting.
_WAITS_S = 1.0


def _merge(object_type: ObjectType, winner: int, loser: int, user_id: int) -> None:
    found = merging.preview(current_services(), object_type, winner, loser)
    merging.merge(current_services(), object_type, winner, loser, found.versions, user_id=user_id)


def test_blanks_are_filled_and_nothing_is_overwritten() -> None:
    winner: dict[str, Value] = {"name": "Nord", "city": None, "phone": ""}
    loser: dict[str, Value] = {"name": "Nordlicht", "city": "Ulm", "phone": "1", "employees": 0}
    assert gained(winner, loser) == [("city", None, "Ulm"), ("phone", "", "1"), ("employees", None, 0)]
    assert lost(winner, loser) == [("name", "Nordlicht", "Nord")]


def test_a_companys_contacts_come_over_and_its_number_leads_to_the_winner(
    app: Flask, administrator: User, logged_in: LogIn
) -> None:
    with app.app_context():
        winner, loser = make_company(name="Nord").id, make_company(name="Nordlicht", city="Ulm").id
        make_contact(loser, last_name="Roth")
        _merge("companies", winner, loser, administrator.id)
        assert [(one.name, one.city) for one in pulling.all_rows(Company)] == [("Nord", "Ulm")]
        assert pulling.all_rows(Contact)[0].company_id == winner
        edited = [(edit.object_type, edit.origin) for edit in pulling.all_rows(RecordEdit)]
        assert edited == [("companies", "merge"), ("contacts", "merge")]
    answer = logged_in(administrator).get(f"/companies/{loser}")
    assert (answer.status_code, answer.location) == (301, f"/companies/{winner}")


@pytest.mark.usefixtures("in_app")
def test_a_contact_is_found_by_both_addresses_and_no_pull_brings_the_other_back(
    sandbox: SandboxServer, administrator: User
) -> None:
    firm = str(sandbox.create("companies", {"name": "Nord", "domain": "n.de"})["id"])
    objects = [
        str(sandbox.create("contacts", {"firstname": "Eva", "email": f"{name}@n.de"}, [firm])["id"])
        for name in ("eva", "e.roth")
    ]
    connection_id = pulling.connected()
    pulling.pulled(connection_id)
    _merge("contacts", 1, 2, administrator.id)
    run = pulling.pulled(connection_id)
    assert [one.id for one in pulling.contacts()] == [1]
    assert (objects[1], "skipped", "merged_here") in pulling.outcomes(run.id)
    assert pulling.link_of(objects[0]).record_id == 1
    assert [one.email_key for one in pulling.all_rows(ContactAddress)] == ["e.roth@n.de"]


def test_what_was_merged_in_hubspot_can_be_merged_here_from_its_page(
    app: Flask, sandbox: SandboxServer, administrator: User, logged_in: LogIn
) -> None:
    with app.app_context():
        firm = str(sandbox.create("companies", {"name": "Nord", "domain": "n.de"})["id"])
        one, other = (
            str(sandbox.create("contacts", {"firstname": name, "email": f"{name}@n.de"}, [firm])["id"])
            for name in ("Eva", "Ewa")
        )
        connection_id = pulling.connected()
        pulling.pulled(connection_id)
        survivor = str(sandbox.merge("contacts", one, other)["id"])
        events = read_events([webhook_event("contact.merge", one, newObjectId=int(survivor))]).events
        with writing() as session:
            inbox.add(session, [(connection_id, each) for each in events], pulling.company(1).updated_at)
        bound_jobs().begin_refresh(connection_id)
        [run] = [each for each in pulling.all_rows(Run) if each.kind == "refresh"]
        pulling.worked_off(run.id)
        [held] = [link.record_id for link in pulling.links("contacts") if link.state == "held"]
        kept = pulling.link_of(survivor).record_id
    pages = logged_in(administrator)
    assert f"/contacts/{kept}/merge?other={held}" in pages.get(f"/contacts/{held}").text
    page = pages.get(f"/contacts/{kept}/merge?other={held}").text
    assert "What merging" in page
    with app.app_context():
        versions = merging.preview(current_services(), "contacts", kept, held).versions
    form = {"other": held, "version": versions[0], "other_version": versions[1]}
    assert pages.post(f"/contacts/{kept}/merge", data=form).status_code == 303
    with app.app_context():
        assert [link.remote_id for link in pulling.links("contacts")] == [survivor]
        assert [row.loser_id for row in pulling.all_rows(MergedRecord)] == [held]


@pytest.mark.one_database
@pytest.mark.usefixtures("in_app")
def test_what_was_changed_since_it_was_looked_at_is_not_merged(administrator: User) -> None:
    winner, loser = make_company(name="Nord").id, make_company(name="Nordlicht").id
    with pytest.raises(RefusedError, match=r"^one_just_changed$"):
        merging.merge(current_services(), "companies", winner, loser, (1, 7), user_id=administrator.id)
    with pytest.raises(RefusedError, match=r"^same_record$"):
        merging.preview(current_services(), "companies", winner, winner)
    with pytest.raises(RefusedError, match=r"^one_gone$"):
        merging.preview(current_services(), "companies", winner, 99)
    assert len(pulling.companies()) == 2


@pytest.mark.one_database
@pytest.mark.usefixtures("in_app")
def test_contacts_of_a_merged_company_get_the_other_one_in_hubspot_too(
    sandbox: SandboxServer, administrator: User
) -> None:
    firms = [
        str(sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"]) for name in ("a", "b")
    ]
    contact = str(sandbox.create("contacts", {"firstname": "Eva", "email": "eva@b.de"}, [firms[1]])["id"])
    connection_id = pulling.connected()
    pulling.pulled(connection_id)
    winner, loser = (pulling.link_of(firm, "companies").record_id for firm in firms)
    _merge("companies", winner, loser, administrator.id)
    assert [(row.object_type, row.record_id) for row in pulling.all_rows(OutboxRecord)] == [("contacts", 1)]
    [edit] = pulling.all_rows(RecordEdit, object_type="contacts")
    assert (edit.origin, edit.changes) == ("merge", [["company_id", loser, winner]])
    take_turns(2)
    assert (primary_of(sandbox, contact), pulling.all_rows(OutboxRecord)) == (firms[0], [])


def test_the_page_finds_the_other_one_by_its_name(app: Flask, member: User, logged_in: LogIn) -> None:
    with app.app_context():
        winner, loser = make_company(name="Nord").id, make_company(name="Nordlicht").id
    page = logged_in(member).get(f"/companies/{winner}/merge?q=nordl").text
    assert f"/companies/{winner}/merge?other={loser}" in page
    assert "No other record begins" in logged_in(member).get(f"/companies/{winner}/merge?q=xyz").text
    assert logged_in(member).post(f"/companies/{winner}/merge", data={"other": loser}).status_code == 400


def test_what_a_pull_writes_at_the_same_moment_is_not_lost_with_the_record_that_goes(
    app: Flask, administrator: User
) -> None:
    with app.app_context():
        winner, loser = make_company(name="Nord").id, make_company(name="Nordlicht").id

    def merge() -> None:
        with app.app_context():
            _merge_in("companies", winner, loser, administrator.id)

    merging_it = threading.Thread(target=merge)
    with app.app_context():
        with writing() as session:
            session.get_one(Company, loser).city = "Ulm"
            session.flush()
            merging_it.start()
            merging_it.join(_WAITS_S)
        merging_it.join()
        assert [(one.name, one.city) for one in pulling.all_rows(Company)] == [("Nord", "Ulm")]


def _merge_in(object_type: ObjectType, winner: int, loser: int, user_id: int) -> None:
    with writing() as session:
        merging.merge_in(
            session, object_type, winner, loser, chosen=(), user_id=user_id, now=datetime.now(UTC)
        )
