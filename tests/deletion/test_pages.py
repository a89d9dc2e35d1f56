"""Deleting from the pages: one record by everybody, many by administrators; without JavaScript (B55)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact, make_link
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run, User
from webapp.store.records.listing import counting

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def member_pages(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


@pytest.fixture
def pages(logged_in: LogIn, administrator: User) -> FlaskClient:
    return logged_in(administrator)


def _latest() -> Run:
    return pulling.all_rows(Run)[-1]


def test_a_member_deletes_one_record_and_the_page_says_what_that_means(
    connection_id: int, member_pages: FlaskClient
) -> None:
    firm = make_company(name="Nord", domain="nord.de")
    make_link(connection_id, "companies", firm.id, "901")
    page = read_page(member_pages.get(f"/companies/{firm.id}").text)
    assert page.leads_to(f"/companies/{firm.id}/deletion")
    text = read_page(member_pages.get(f"/companies/{firm.id}/deletion").text).shown_text
    assert "Delete Nord?" in text
    assert "Nothing is deleted in HubSpot." in text
    assert "Needs you, Not imported" in text
    assert "90 days" in text
    assert len(pulling.companies()) == 1, "looking deletes nothing"
    answer = member_pages.post(f"/companies/{firm.id}/deletion")
    assert (answer.status_code, answer.location) == (303, f"/companies/{firm.id}")
    assert _latest().request_id == answer.headers["X-Request-Id"]
    assert pulling.companies() == []
    gone = member_pages.get(f"/companies/{firm.id}")
    assert gone.status_code == 410
    assert "Nord was deleted here" in gone.text
    assert "HubSpot was not touched" in gone.text
    assert "An administrator can undo it" in gone.text


@pytest.mark.usefixtures("connection_id")
def test_an_administrator_is_led_from_there_to_the_undo(pages: FlaskClient) -> None:
    firm = make_company(name="Nord")
    pages.post(f"/companies/{firm.id}/deletion")
    run = _latest()
    page = read_page(pages.get(f"/companies/{firm.id}").text)
    assert page.leads_to(f"/sync-log/{run.id}/undo?entry=1")
    assert "comes back under its own number" in pages.get(f"/sync-log/{run.id}/undo?entry=1").text
    pages.post(f"/sync-log/{run.id}/undo", data={"entry": "1"})
    preview = _latest()
    pulling.worked_off(preview.id)
    pages.post(f"/sync-log/{preview.id}/preview")
    pulling.worked_off(_latest().id)
    assert pages.get(f"/companies/{firm.id}").status_code == 200
    assert f"Deletion of one record {run.id}" in pages.get("/sync-log").text
    assert f"Deletion of one record {run.id}" in pages.get(f"/companies/{firm.id}/history").text


@pytest.mark.usefixtures("connection_id")
def test_a_companys_contacts_are_asked_about_first(
    member_pages: FlaskClient, logged_in: LogIn, administrator: User
) -> None:
    admin_pages = logged_in(administrator)
    firm, other = make_company(name="Nord"), make_company(name="Suedwind", domain="s.de")
    make_contact(firm.id)
    address = f"/companies/{firm.id}/deletion"
    page = read_page(member_pages.get(address).text)
    assert "It has 1 contact. What should happen to it?" in page.shown_text
    refused = member_pages.post(address)
    assert refused.status_code == 422
    assert "The company still has contacts, 1 in all." in refused.text
    assert read_page(refused.text).has("input", name="contacts", value="move"), "the choice is there again"
    nobody = {"contacts": "move", "company_search": "sued"}
    for path, given in ((address, {}), ("/companies/deletion", {"which": "chosen", "id": str(firm.id)})):
        answer = (member_pages if path == address else admin_pages).post(path, data={**nobody, **given})
        form = read_page(answer.text)
        assert (answer.status_code, "Choose a company first" in answer.text) == (422, True), path
        assert form.one("input", name="company_search")["value"] == "sued"
        assert form.one("input", name="contacts", value="move").attributes.keys() >= {"checked"}
    found = member_pages.post(address, data={"find": "1", "company_search": "sued", "contacts": "move"}).text
    assert "Suedwind" in found
    assert len(pulling.companies()) == 2
    member_pages.post(address, data={"contacts": "move", "company_id": str(other.id)})
    assert [one.id for one in pulling.companies()] == [other.id]
    assert pulling.contacts()[0].company_id == other.id


@pytest.mark.usefixtures("connection_id")
def test_what_is_not_there_or_not_sent_by_our_form_is_refused(member_pages: FlaskClient, app: Flask) -> None:
    firm = make_company()
    assert member_pages.get("/companies/99/deletion").status_code == 404
    assert member_pages.post("/companies/99/deletion").status_code == 409
    app.config["WTF_CSRF_ENABLED"] = True
    assert member_pages.post(f"/companies/{firm.id}/deletion").status_code == 400
    assert len(pulling.companies()) == 1


def test_before_hubspot_was_ever_connected_a_record_can_be_deleted(
    app: Flask, member: User, logged_in: LogIn
) -> None:
    with app.app_context():
        firm = make_company()
        answer = logged_in(member).post(f"/companies/{firm.id}/deletion")
        assert answer.status_code == 303
        assert pulling.companies() == []


@pytest.mark.usefixtures("connection_id")
def test_ticked_records_are_deleted_by_a_run(pages: FlaskClient) -> None:
    firms = [make_company(name=f"Test {number}", domain=f"t{number}.de") for number in range(3)]
    page = pages.get("/companies").text
    assert page.count('form="several" name="id"') == 3
    query = urlencode({"which": "chosen", "id": [firms[0].id, firms[2].id]}, doseq=True)
    confirmation = pages.get(f"/companies/deletion?{query}").text
    assert "Delete 2 companies?" in confirmation
    form = {"which": "chosen", "id": [firms[0].id, firms[2].id]}
    answer = pages.post("/companies/deletion", data={**form, "preview": "1"})
    preview = pulling.worked_off(_latest().id)
    assert (answer.location, preview.is_preview) == (f"/sync-log/{preview.id}", True)
    assert len(pulling.companies()) == 3
    pages.post(f"/sync-log/{preview.id}/preview")
    run = pulling.worked_off(_latest().id)
    assert (run.kind, run.counts) == ("delete", preview.counts)
    assert [one.name for one in pulling.companies()] == ["Test 1"]
    assert f"Deletion {run.id}" in pages.get(f"/sync-log/{run.id}").text


@pytest.mark.usefixtures("connection_id")
def test_all_that_a_filter_shows_is_deleted_by_a_run(pages: FlaskClient) -> None:
    for name in ("Test A", "Test B", "Bleibt"):
        firm = make_company(name=name, domain=f"{name[-1].lower()}.de")
        make_contact(firm.id, email=f"x@{name[-1].lower()}.de")
    text = read_page(pages.get("/companies/deletion?which=all&q=test").text).shown_text
    assert "Delete 2 companies?" in text
    assert "2 of them have contacts, 2 in all" in text
    newest = pulling.companies()[-1].id
    form = {"which": "all", "q": "test", "newest_id": str(newest), "contacts": "delete"}
    pages.post("/companies/deletion", data=form)
    run = pulling.worked_off(_latest().id)
    assert run.counts == {"companies": {"updated": 2}, "contacts": {"updated": 2}}
    assert [one.name for one in pulling.companies()] == ["Bleibt"]


@pytest.mark.every_database
def test_of_very_many_the_page_says_more_than_so_many_and_the_run_deletes_them_all(
    connection_id: int, pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    for number in range(4):
        firm = make_company(name=f"Test {number}", domain=f"t{number}.de")
        make_contact(firm.id, email=f"x@t{number}.de")
        if number:
            make_link(connection_id, "companies", firm.id, f"90{number}")
    page = read_page(pages.get("/companies/deletion?which=all").text)
    assert "Delete over 2 companies?" in page.shown_text
    assert "Those that are linked stay there as they are." in page.shown_text
    assert "over 2 of them have contacts, over 2 in all" in page.shown_text
    pages.post(
        "/companies/deletion", data=page.one("main").all("form")[0].form_values() | {"contacts": "delete"}
    )
    run = pulling.worked_off(_latest().id)
    assert run.counts == {"companies": {"updated": 4}, "contacts": {"updated": 4}}
    assert pulling.companies() == []


@pytest.mark.usefixtures("connection_id")
def test_nothing_ticked_deletes_nothing(pages: FlaskClient) -> None:
    make_company()
    answer = pages.get("/companies/deletion?which=chosen")
    assert answer.status_code == 303
    assert "None was chosen" in pages.get(answer.location).text
    assert pages.post("/companies/deletion", data={"which": "chosen"}).status_code == 409
    assert len(pulling.companies()) == 1


@pytest.mark.usefixtures("connection_id")
def test_members_delete_one_at_a_time(member_pages: FlaskClient) -> None:
    firm = make_company()
    assert 'name="id"' not in member_pages.get("/companies").text
    assert member_pages.get("/companies/deletion?which=all").status_code == 403
    assert member_pages.post("/companies/deletion", data={"which": "all"}).status_code == 403
    assert pulling.company(firm.id)


def test_the_list_of_what_was_not_imported_brings_it_back(
    connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})
    pulling.pulled(connection_id)
    pages.post("/companies/1/deletion")
    page = read_page(pages.get("/held/not-imported").text)
    assert "Nord" in page.shown_text
    assert "It was deleted here." in page.shown_text
    assert "Bring back" in page.shown_text
    assert "Look again" not in page.shown_text
