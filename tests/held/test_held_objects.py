"""The Held list: side by side, decided by a person, and what was not imported."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.applications.services import reading
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact, make_link, make_remote_object
from tests.support.samples.rows import Rows
from webapp.models import KeptApart, RemoteObject, User

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def reader(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


class HeldContact:
    """A held contact "Jonas Wieland" and the record that may be the same."""

    def __init__(self, rows: Rows) -> None:
        self.connection_id = rows.connection()
        self.company = rows(make_company)
        self.record = rows(make_contact, self.company.id, phone="+49 30 123456", job_title="Editor")
        candidates = [{"record_id": self.record.id, "evidence": ["same_phone", "same_name", "other_email"]}]
        properties = {
            "firstname": "Jonas",
            "lastname": "Wieland",
            "email": "j.wieland@example.org",
            "phone": "+4930123456",
        }
        self.found = rows(
            make_remote_object,
            self.connection_id,
            "901",
            properties=properties,
            detail={"candidates": candidates},
        )


@pytest.fixture
def held(rows: Rows) -> HeldContact:
    return HeldContact(rows)


def _ids(html: str) -> list[int]:
    held = [one["id"] for one in read_page(html).all(id=True) if one["id"].startswith("held-")]
    return [int(number) for one in held if (number := one.removeprefix("held-")).isdecimal()]


def _found(app: Flask, remote_object_id: int) -> RemoteObject:
    with app.app_context(), reading() as session:
        return session.get_one(RemoteObject, remote_object_id)


def _address(held: HeldContact) -> str:
    return f"/held/{held.found.id}/resolution"


@pytest.mark.parametrize("path", ["/held", "/held/not-imported"])
def test_the_lists_ask_for_a_session(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 303


def test_without_a_connection_nothing_waits(reader: FlaskClient) -> None:
    assert "Nothing waits for you" in reader.get("/held").text
    assert "Nothing was left out" in reader.get("/held/not-imported").text


@pytest.mark.every_database
def test_a_held_object_stands_beside_its_candidate_with_evidence_and_differences(
    reader: FlaskClient, held: HeldContact
) -> None:
    page = reader.get("/held").text
    assert "Same phone number, same name, but another e-mail address" in page
    assert read_page(page).leads_to(f"/contacts/{held.record.id}")
    assert "/contacts/4711001/record/0-1/901" in page
    assert "j.wieland@example.org" in page
    # The addresses differ; the phone numbers are spelled differently and say the same.
    differing = [one.shown_text for one in read_page(page).all("mark", class_="differs")]
    assert differing == ["jonas@nordlicht-verlag.de"]
    assert "Nordlicht Verlag GmbH" in page


def test_a_member_links_it_to_the_candidate(app: Flask, reader: FlaskClient, held: HeldContact) -> None:
    data = {"verb": "link", "record_id": held.record.id}
    answer = reader.post(_address(held), data=data, follow_redirects=True)
    assert "Jonas Wieland. They will be linked" in read_page(answer.text).shown_text
    assert _found(app, held.found.id).decision == {"verb": "link", "record_id": held.record.id}
    page = reader.get("/held").text
    assert "Being carried out" in page
    assert "data-verb" not in page


def test_htmx_gets_the_confirmation_in_place_of_the_object(reader: FlaskClient, held: HeldContact) -> None:
    data = {"verb": "link", "record_id": held.record.id}
    answer = reader.post(_address(held), data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert _ids(answer.text) == [held.found.id]
    assert 'role="status"' in answer.text


def test_keeping_apart_is_remembered(
    app: Flask, reader: FlaskClient, held: HeldContact, member: User
) -> None:
    assert reader.post(_address(held), data={"verb": "apart"}).status_code == 303
    with app.app_context(), reading() as session:
        apart = session.scalars(select(KeptApart)).one()
    assert (apart.remote_id, apart.record_id, apart.decided_by_id) == ("901", held.record.id, member.id)


def test_a_skipped_one_moves_to_what_was_not_imported_and_can_be_taken_back(
    app: Flask, reader: FlaskClient, held: HeldContact
) -> None:
    reader.post(_address(held), data={"verb": "skip"})
    assert "Nothing waits for you" in reader.get("/held").text
    page = reader.get("/held/not-imported").text
    assert "Jonas Wieland" in page
    assert "Import it after all" in page
    reader.post(_address(held), data={"verb": "import"})
    assert _found(app, held.found.id).state == "held"


def test_a_record_that_is_no_candidate_is_refused(reader: FlaskClient, held: HeldContact) -> None:
    answer = reader.post(_address(held), data={"verb": "link", "record_id": held.record.id + 1})
    assert answer.status_code == 409
    assert "not among the candidates" in answer.text


@pytest.mark.every_database
def test_a_candidate_that_is_linked_already_cannot_be_chosen(
    rows: Rows, reader: FlaskClient, held: HeldContact
) -> None:
    rows(make_link, held.connection_id, "contacts", held.record.id, "777")
    page = reader.get("/held").text
    assert "Linked to another record in HubSpot already" in page
    assert "Link to this one" not in page


def test_deciding_what_was_settled_meanwhile_says_so(reader: FlaskClient, held: HeldContact) -> None:
    answer = reader.post(f"/held/{held.found.id + 1}/resolution", data={"verb": "skip"})
    assert answer.status_code == 409
    assert "already been dealt with" in answer.text


def test_an_unknown_decision_is_refused(reader: FlaskClient, held: HeldContact) -> None:
    assert reader.post(_address(held), data={"verb": "merge"}).status_code == 400


def test_a_deleted_candidate_does_not_break_the_page(
    rows: Rows, reader: FlaskClient, held: HeldContact
) -> None:
    detail = {"candidates": [{"record_id": held.record.id + 50, "evidence": ["same_name"]}]}
    found = rows(make_remote_object, held.connection_id, "902", detail=detail)
    assert "has since been deleted here" in reader.get(f"/held?open={found.id}").text


@pytest.mark.every_database
def test_held_objects_are_counted_and_filtered_by_type(
    rows: Rows, reader: FlaskClient, held: HeldContact
) -> None:
    detail = {"candidates": [{"record_id": held.company.id, "evidence": ["same_name"]}]}
    company = rows(
        make_remote_object,
        held.connection_id,
        "55",
        object_type="companies",
        display_name="Nordlicht",
        properties={"name": "Nordlicht"},
        reason="several_candidates",
        detail=detail,
    )
    page = reader.get("/held?type=companies")
    assert _ids(page.text) == [company.id]
    assert "Companies (1)" in page.text
    assert "Contacts (1)" in page.text
    assert _ids(reader.get("/held?reason=doubtful_match").text) == [held.found.id]
    assert "Nothing matches this filter" in reader.get("/held?type=companies&reason=doubtful_match").text


def test_what_was_not_imported_says_why_and_what_helps(rows: Rows, reader: FlaskClient) -> None:
    connection_id = rows.connection()
    condition = {"field": "country", "operator": "is", "value": "Austria", "actual": "Chile"}
    rows(make_remote_object, connection_id, "1", state="unlinked", reason="no_company")
    rows(make_remote_object, connection_id, "2", state="excluded", reason="rule_excluded", detail=condition)
    page = reader.get("/held/not-imported")
    text = read_page(page.text).shown_text
    assert "Give it a company in HubSpot, or give it one of yours" in text
    assert "Required: Country is Austria. Found: Chile." in text
    assert _ids(reader.get("/held/not-imported?reason=no_company").text) == [1]


@pytest.mark.every_database
def test_a_contact_that_waits_names_its_company_and_leads_to_it(rows: Rows, reader: FlaskClient) -> None:
    """B54."""
    connection_id = rows.connection()
    waits = {"state": "waiting", "reason": "waiting_for_company"}
    rows(make_remote_object, connection_id, "1", **waits, company_remote_id="50")
    rows(make_remote_object, connection_id, "2", **waits, company_remote_id="51")
    firm = {"object_type": "companies", "display_name": "Birke Druck"}
    rows(make_remote_object, connection_id, "50", **firm)
    page = reader.get("/held/not-imported").text
    text = read_page(page).shown_text
    assert "The contact waits for its company" in text
    assert "Its company: Birke Druck , waits for a decision." in text
    assert '<a href="/held?type=companies">Birke Druck</a>' in page
    assert "/record/0-2/51" in page
    assert "pull again" not in text.lower()


@pytest.mark.every_database
def test_long_lists_come_in_pages_without_gap_or_repetition(rows: Rows, reader: FlaskClient) -> None:
    connection_id = rows.connection()
    for number in range(60):
        reasons = ("unlinked", "no_company"), ("excluded", "rule_excluded"), ("skipped", "person_skipped")
        state, reason = reasons[number % 3]
        rows(make_remote_object, connection_id, str(number), state=state, reason=reason)
    first = reader.get("/held/not-imported").text
    following = read_page(first).one("a", rel="next")["href"]
    second = reader.get(following).text
    assert _ids(first) + _ids(second) == list(range(1, 61))
    assert not read_page(second).has("a", rel="next")
