"""What a record's page says about HubSpot."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import (
    NOW,
    add_entries,
    make_company,
    make_connection,
    make_contact,
    make_link,
    make_run,
)
from tests.support.usecases.book import Book
from webapp.models import ContactAddress, Link

pytestmark = pytest.mark.one_database


def test_a_linked_record_leads_to_its_object_and_says_how_it_ended(app: Flask, book: Book) -> None:
    with app.app_context():
        connection = make_connection("4711")
        company = make_company()
        contact = make_contact(company.id)
        make_link(connection.id, "companies", company.id, "900")
        link = make_link(connection.id, "contacts", contact.id, "800")
        with writing() as session:
            row = session.get_one(Link, link.id)
            row.pulled_at, row.last_outcome, row.last_reason = NOW, "updated", "status_unmapped"
    page = book.client.get(f"/contacts/{contact.id}").text
    assert "/contacts/4711/record/0-1/800" in page
    assert "The lifecycle stage has no status here" in page
    assert "Add it to the status mapping." in page
    assert "/contacts/4711/record/0-2/900" in book.client.get(f"/companies/{company.id}").text


@pytest.mark.every_database
def test_the_latest_entries_of_the_log_are_shown_with_their_changes(app: Flask, book: Book) -> None:
    with app.app_context():
        connection = make_connection()
        company = make_company()
        other = make_company(name="Other", domain=None)
        run = make_run(connection.id)
        entry = {"object_type": "companies", "record_id": company.id, "outcome": "updated"}
        add_entries(run.id, [{**entry, "changes": [["city", f"Old {n}", f"New {n}"]]} for n in range(12)])
    page = book.client.get(f"/companies/{company.id}").text
    assert "Old 11 → New 11" in read_page(page).shown_text
    assert "City:" in page
    assert "New 3<" not in page
    assert read_page(page).leads_to(f"/sync-log/{run.id}")
    assert "New 11" not in book.client.get(f"/companies/{other.id}").text


def test_runs_companies_and_the_object_have_names_instead_of_numbers(app: Flask, book: Book) -> None:
    with app.app_context():
        connection = make_connection("4711")
        company = make_company(name="Nordlicht Verlag")
        contact = make_contact(company.id, first_name="Eva", last_name="Kern")
        make_link(connection.id, "companies", company.id, "900")
        make_link(connection.id, "contacts", contact.id, "800")
        pull, push = make_run(connection.id, kind="pull"), make_run(connection.id, kind="push")
        entry = {"object_type": "contacts", "record_id": contact.id, "outcome": "updated"}
        add_entries(pull.id, [{**entry, "changes": [["city", "Kiel", "Ulm"]]}])
        add_entries(push.id, [{**entry, "changes": [["primary_company", "901", "900"]]}])
    page = read_page(book.client.get(f"/contacts/{contact.id}").text)
    panel, log = page.one(id="sync-panel"), page.one(id="record-log")
    assert "Record there Eva Kern" in panel.shown_text
    assert "800 in HubSpot" not in panel.shown_text
    assert f"Pull {pull.id} ·" in log.shown_text
    assert f"Push {push.id} ·" in log.shown_text
    assert "Primary company in HubSpot: company 901 in HubSpot → Nordlicht Verlag" in log.shown_text
    assert log.leads_to(f"/companies/{company.id}")


def test_what_hubspot_holds_turns_no_direction_of_writing(app: Flask, book: Book) -> None:
    with app.app_context():
        connection = make_connection()
        company = make_company()
        run = make_run(connection.id)
        failed = {"object_type": "companies", "record_id": company.id, "outcome": "failed"}
        changes = [["city", "Nord\u202eburg", "\u2067Süd"]]
        add_entries(run.id, [{**failed, "changes": changes, "detail": {"error": "It was \u202dbad"}}])
    for address in (f"/companies/{company.id}", f"/sync-log/{run.id}"):
        page = book.client.get(address).text
        assert "Nordburg" in page
        assert not set(page) & set("\u202d\u202e\u2067")
    assert "It was bad" in page


def test_a_record_that_is_only_here_says_so(app: Flask, book: Book) -> None:
    record_id = book.add("companies", name="Acme")
    assert "No HubSpot account is connected." in book.client.get(f"/companies/{record_id}").text
    with app.app_context():
        make_connection()
    assert "This record is only here." in book.client.get(f"/companies/{record_id}").text


@pytest.mark.every_database
def test_a_contacts_further_addresses_are_shown(app: Flask, book: Book) -> None:
    with app.app_context():
        contact = make_contact(make_company().id)
        with writing() as session:
            session.add(ContactAddress(contact_id=contact.id, email_key="second@example.com"))
    assert "second@example.com" in book.client.get(f"/contacts/{contact.id}").text
