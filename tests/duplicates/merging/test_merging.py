"""Merging here with chosen values, and taking a merge back (B53)."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair
from tests.support.usecases.pushing import primary_of
from webapp.errors import RefusedError
from webapp.models import (
    Company,
    Contact,
    ContactAddress,
    Link,
    MergedRecord,
    RecordEdit,
    RemoteObject,
    Run,
    User,
)
from webapp.store.records import records
from webapp.usecases.duplicates import decisions

pytestmark = [pytest.mark.usefixtures("in_app"), pytest.mark.one_database]

_DOMAINS = ("birke.de", "birke.com")


def _merge(object_type: str, stays: int, *others: int, user: User, **values_from: int) -> None:
    with reading() as session:
        versions = {
            one: records.get(session, object_type, one).version  # type: ignore[arg-type, union-attr]
            for one in (stays, *others)
        }
    decisions.merge_group(
        current_services(),
        object_type,  # type: ignore[arg-type]
        stays,
        versions,
        values_from=values_from,
        user_id=user.id,
    )


@pytest.mark.every_database
def test_three_become_one_with_the_values_that_were_chosen(member: User) -> None:
    one = make_company(name="Nord", domain=None, city="Ulm").id
    two = make_company(name="Nordlicht", domain=None, city="Kiel").id
    three = make_company(name="Nord GmbH", domain=None, phone="0731 1").id
    list_pair("companies", one, two)
    list_pair("companies", two, three)
    make_contact(two)
    _merge("companies", one, two, three, user=member, name=three, city=two)
    [kept] = pulling.companies()
    assert (kept.id, kept.name, kept.city, kept.phone) == (one, "Nord GmbH", "Kiel", "0731 1")
    assert pulling.contacts()[0].company_id == one
    assert ids_listed("open") == []


def test_nothing_is_merged_that_was_changed_since_or_without_a_second_one(member: User) -> None:
    one, two = make_company(name="Nord").id, make_company(name="Nordlicht").id
    given = {"values_from": {}, "user_id": member.id}
    with pytest.raises(RefusedError, match=r"^one_just_changed$"):
        decisions.merge_group(current_services(), "companies", one, {one: 1, two: 7}, **given)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=r"^choose_two$"):
        decisions.merge_group(current_services(), "companies", one, {one: 1}, **given)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=r"^choose_two$"):
        decisions.merge_group(current_services(), "companies", 99, {one: 1, two: 1}, **given)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=r"^one_gone$"):
        decisions.merge_group(current_services(), "companies", one, {one: 1, 99: 1}, **given)  # type: ignore[arg-type]
    assert len(pulling.companies()) == 2


def test_a_chosen_address_is_the_first_and_the_other_one_stays_known(member: User) -> None:
    firm = make_company().id
    one = make_contact(firm, email="eva@n.de").id
    two = make_contact(firm, email="e.roth@n.de").id
    _merge("contacts", one, two, user=member, email=two)
    [kept] = pulling.contacts()
    assert (kept.email, kept.email_key) == ("e.roth@n.de", "e.roth@n.de")
    assert [row.email_key for row in pulling.all_rows(ContactAddress)] == ["eva@n.de"]
    decisions.take_apart(current_services(), "contacts", two, user_id=member.id)
    assert [(row.id, row.email) for row in pulling.contacts()] == [(one, "eva@n.de"), (two, "e.roth@n.de")]
    assert pulling.all_rows(ContactAddress) == []


@pytest.mark.every_database
def test_a_merge_is_taken_back_with_values_contacts_and_link(member: User) -> None:
    connection_id = make_connection().id
    one = make_company(name="Nord", domain=None, city=None).id
    two = make_company(name="Nordlicht", domain="n.de", city="Kiel").id
    make_link(connection_id, "companies", one, "101")
    make_link(connection_id, "companies", two, "102")
    mine, yours = make_contact(one).id, make_contact(two).id
    pair_id = list_pair("companies", one, two)
    _merge("companies", one, two, user=member, name=two)
    assert [row.reason for row in pulling.all_rows(RemoteObject)] == ["merged_here"]
    left = decisions.take_apart(current_services(), "companies", two, user_id=member.id)
    assert left == []
    found = {row.id: row for row in pulling.companies()}
    assert (found[one].name, found[one].city, found[one].domain) == ("Nord", None, None)
    assert (found[two].name, found[two].city, found[two].domain) == ("Nordlicht", "Kiel", "n.de")
    assert found[two].name_key == "nordlicht"
    assert {row.id: row.company_id for row in pulling.contacts()} == {mine: one, yours: two}
    links = {row.record_id: row.remote_id for row in pulling.all_rows(Link)}
    assert links == {one: "101", two: "102"}
    assert pulling.all_rows(RemoteObject) == []
    assert pulling.all_rows(MergedRecord) == []
    assert ids_listed("open") == [(one, two)]
    assert pair_id


def test_a_link_that_went_over_goes_back_and_moves_neither_side(member: User) -> None:
    connection_id = make_connection().id
    one = make_company(name="Nord", domain=None).id
    two = make_company(name="Nordlicht", domain=None).id
    make_link(connection_id, "companies", two, "102")
    _merge("companies", one, two, user=member)
    assert [row.record_id for row in pulling.all_rows(Link)] == [one]
    with reading() as session:
        assert session.get_one(Company, one).is_linked
    decisions.take_apart(current_services(), "companies", two, user_id=member.id)
    [link] = pulling.all_rows(Link)
    assert (link.record_id, link.remote_id) == (two, "102")
    assert "name" in link.local_seen["set apart"]
    with reading() as session:
        assert [session.get_one(Company, number).is_linked for number in (one, two)] == [False, True]


@pytest.mark.every_database
def test_contacts_that_go_back_to_their_company_move_neither_side(member: User) -> None:
    """What an automatic push has sent of the merge stays in HubSpot, also when they are edited later."""
    connection_id = make_connection().id
    one, two = make_company(name="Nord").id, make_company(name="Nordlicht").id
    moved, other = make_contact(two).id, make_contact(two).id
    make_link(connection_id, "contacts", moved, "201")
    make_link(connection_id, "contacts", other, "202")
    _merge("companies", one, two, user=member)
    with writing() as session:
        # One was pushed since, the other one not yet.
        for remote_id, company_id in (("201", one), ("202", two)):
            link = session.query(Link).filter_by(remote_id=remote_id).one()
            link.local_seen = {"company_id": company_id}
    decisions.take_apart(current_services(), "companies", two, user_id=member.id)
    seen = {row.remote_id: row.local_seen for row in pulling.all_rows(Link)}
    assert seen == {"201": {"company_id": two, "set apart": ["company_id"]}, "202": {"company_id": two}}
    last = {row.record_id: (row.origin, row.changes) for row in pulling.all_rows(RecordEdit)}
    assert last[moved] == last[other] == ("undo", [["company_id", one, two]])


def test_what_was_changed_since_the_merge_stays(member: User) -> None:
    one = make_company(name="Nord", domain=None, city=None).id
    two = make_company(name="Nordlicht", domain=None, city="Kiel").id
    elsewhere = make_company(name="Other", domain=None).id
    moved = make_contact(two).id
    _merge("companies", one, two, user=member, name=two)
    with writing() as session:
        session.get_one(Company, one).city = "Ulm"
        session.get_one(Contact, moved).company_id = elsewhere
    left = decisions.take_apart(current_services(), "companies", two, user_id=member.id)
    assert left == [("city", None, "Ulm")]
    assert [row.city for row in pulling.companies()] == ["Ulm", "Kiel", None]
    assert pulling.contacts()[0].company_id == elsewhere


def test_a_merge_is_taken_back_once(member: User) -> None:
    one, two = make_company(name="Nord").id, make_company(name="Nordlicht").id
    _merge("companies", one, two, user=member)
    decisions.take_apart(current_services(), "companies", two, user_id=member.id)
    with pytest.raises(RefusedError, match=r"^merge_not_kept$"):
        decisions.take_apart(current_services(), "companies", two, user_id=member.id)


@pytest.fixture
def merged_firm(connection_id: int, sandbox: SandboxServer, member: User) -> str:
    """The object of a company that was merged into another one here alone."""
    for domain in _DOMAINS:
        sandbox.create("companies", {"name": "Birke", "domain": domain})
    pulling.pulled(connection_id)
    one, other = pulling.links("companies")
    _merge("companies", one.record_id, other.record_id, user=member)
    return other.remote_id


@pytest.mark.every_database
def test_who_comes_to_a_company_that_was_merged_here_belongs_to_the_one_that_stayed(
    connection_id: int, sandbox: SandboxServer, merged_firm: str, member: User
) -> None:
    ida = sandbox.create("contacts", {"firstname": "Ida", "email": "ida@birke.com"}, [merged_firm])["id"]
    run = pulling.pulled(connection_id)
    assert (ida, "created", None) in pulling.outcomes(run.id)
    third = make_company(name="Birke Holding", domain=None).id
    _merge("companies", third, 1, user=member)
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@birke.com"}, [merged_firm])
    run = pulling.pulled(connection_id)
    assert [one.company_id for one in pulling.contacts()] == [third, third]
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 2}


@pytest.mark.every_database
def test_a_pull_between_a_merge_and_its_push_does_not_take_the_moved_contact_for_sent(
    connection_id: int, sandbox: SandboxServer, member: User
) -> None:
    stays, goes = (sandbox.create("companies", {"name": "Birke", "domain": one})["id"] for one in _DOMAINS)
    ida = sandbox.create("contacts", {"firstname": "Ida", "email": "ida@birke.com"}, [goes])["id"]
    pulling.pulled(connection_id)
    winner, loser = (pulling.link_of(one, "companies").record_id for one in (stays, goes))
    _merge("companies", winner, loser, user=member)
    assert pulling.pulled(connection_id).counts["contacts"] == {"unchanged": 1}
    bound_jobs().begin_auto_push(connection_id)
    pulling.worked_off(pulling.all_rows(Run, kind="auto_push")[-1].id)
    assert primary_of(sandbox, ida) == stays


def test_contacts_that_were_left_out_with_their_company_come_in_once_the_merge_is_taken_back(
    connection_id: int, sandbox: SandboxServer, merged_firm: str, member: User
) -> None:
    with writing() as session:
        session.execute(update(RemoteObject).values(detail=None))  # as earlier versions wrote it
    ida = sandbox.create("contacts", {"firstname": "Ida", "email": "ida@birke.com"}, [merged_firm])["id"]
    pulling.pulled(connection_id)
    assert pulling.left_out_of(ida).reason == "company_left_out"
    decisions.take_apart(current_services(), "companies", 2, user_id=member.id)
    pulling.looked_again(connection_id)
    assert pulling.contacts()[0].company_id == pulling.link_of(merged_firm, "companies").record_id
