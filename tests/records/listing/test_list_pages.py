"""What a list shows: how many, which columns, which exceptions, and in which orders."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import NOW, make_company, make_connection, make_contact, make_link
from tests.support.usecases.book import Book
from webapp.domain.mapping.definitions import Definitions, Property, PropertyOption
from webapp.models import HeldRecord, Link, ListColumns
from webapp.store.mapping import definitions
from webapp.store.push import outbox
from webapp.store.records.listing import counting, lists
from webapp.store.records.listing.counting import Count, count_all


def _headings(book: Book, address: str) -> list[str]:
    return [one.shown_text for one in book.page(address).one("thead").all("th")]


def _row(book: Book, address: str) -> str:
    return book.page(address).one("tbody").one("tr").shown_text


def _count(book: Book, address: str) -> str:
    return book.page(address).one(id="record-count").shown_text


def test_a_list_says_how_many_it_shows_of_how_many(book: Book) -> None:
    book.add("companies", name="Anker")
    assert _count(book, "/companies") == "1 company"
    book.add("companies", name="Bau Anker")
    book.add("companies", name="Zange")
    assert _count(book, "/companies") == "3 companies"
    assert _count(book, "/companies?q=anker") == "2 of 3 companies"
    book.client.post("/companies/1/active", data={"active": "no"})
    assert _count(book, "/companies") == "2 companies"
    assert _count(book, "/companies?state=inactive") == "1 of 2 companies"
    assert _count(book, "/companies?q=zzz") == "0 of 2 companies"


def test_what_is_not_counted_to_the_end_is_said_to_be_over(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        book.add("companies", name=f"Firm {number}")
    monkeypatch.setattr(lists, "MOST_SORTED", 2)
    assert _count(book, "/companies?q=firm") == "over 2 of 4 companies"


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_postgresql_is_asked_for_its_estimate_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        make_company(name=f"Firm {number}", domain=None)
    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    with reading() as session:
        assert count_all(session, "companies") == Count(3, "over")
    with writing() as session:
        session.execute(text("ANALYZE companies"))
    with reading() as session:
        assert count_all(session, "companies") == Count(6, "about")


def test_headings_sort_both_ways_and_say_how(book: Book) -> None:
    for name, domain in (("Anker", "z.de"), ("Bau", None), ("Zange", "a.de")):
        book.add("companies", name=name, domain=domain or "")
    assert book.names("/companies?sort=domain") == ["Zange", "Anker", "Bau"]
    assert book.names("/companies?sort=-domain") == ["Anker", "Zange", "Bau"]
    assert book.names("/companies?sort=added") == ["Zange", "Bau", "Anker"]
    assert book.names("/companies?sort=-added") == ["Anker", "Bau", "Zange"]
    assert book.names("/companies?sort=nonsense") == ["Anker", "Bau", "Zange"]
    [heading] = [one for one in book.page("/companies?sort=domain").all("th") if one.shown_text == "Domain"]
    assert heading["aria-sort"] == "ascending"
    assert heading.leads_to("/companies?sort=-domain")
    [city] = [one for one in book.page("/companies").all("th") if one.shown_text == "City"]
    assert not city.has("a")


def test_each_person_chooses_columns(app: Flask, book: Book) -> None:
    book.add("companies", name="Anker", city="Kiel", country="Germany")
    assert _headings(book, "/companies") == ["Name", "Domain", "City", "Status", "HubSpot", "Last change"]
    answer = book.client.post(
        "/companies/columns", data={"column": ["country", "sync", "nonsense"], "q": "ank"}
    )
    assert answer.location == "/companies?q=ank"
    assert _headings(book, "/companies") == ["Name", "Country", "HubSpot"]
    assert "Germany" in book.page("/companies").one("tbody").shown_text
    book.client.post("/companies/columns", data={"usual": "1"})
    assert len(_headings(book, "/companies")) == 6
    with app.app_context(), reading() as session:
        assert session.query(ListColumns).count() == 0
    ticked = [field["value"] for field in book.page("/companies").all("input", name="column")]
    answer = book.client.post("/companies/columns", data={"column": ticked}, follow_redirects=True)
    assert "A list has room for 12 columns" in answer.text


@pytest.mark.one_database
def test_a_choice_of_hubspot_is_shown_by_its_label_in_every_column(app: Flask, book: Book) -> None:
    choices = tuple(PropertyOption(code, label) for code, label in (("hh", "Hamburg"), ("ki", "Kiel")))
    properties = tuple(
        Property(name, name, type="enumeration", field_type="select", options=choices)
        for name in ("city", "country")
    )
    with app.app_context():
        connection = make_connection()
        with writing() as session:
            definitions.keep(session, connection.id, "companies", Definitions(properties=properties), NOW)
    book.add("companies", name="Anker", city="hh", country="ki")
    assert _row(book, "/companies").startswith("Anker Hamburg")
    book.client.post("/companies/columns", data={"column": ["city", "country"]})
    assert _row(book, "/companies") == "Anker Hamburg Kiel"


@pytest.mark.one_database
def test_only_exceptions_have_a_badge(app: Flask, book: Book) -> None:
    with app.app_context():
        ids = {
            name: make_company(name=name, domain=None).id
            for name in ("Fine", "Waits", "Held", "Stopped", "New")
        }
        connection = make_connection()
        for name in ("Fine", "Waits", "Held", "Stopped"):
            make_link(connection.id, "companies", ids[name], name)
        with writing() as session:
            session.query(Link).filter_by(remote_id="Stopped").one().state = "stopped"
            outbox.add(session, "companies", [ids["Waits"]], NOW)
            session.add(
                HeldRecord(
                    connection_id=connection.id,
                    object_type="companies",
                    record_id=ids["Held"],
                    reason="object_linked",
                    held_at=NOW,
                    run_id=1,
                    detail=None,
                )
            )
    rows = book.page("/companies").one("tbody").all("tr")
    shown = {row.one("a").shown_text: [one.shown_text for one in row.all(class_="badge")] for row in rows}
    assert shown == {
        "Fine": [],
        "Held": ["Needs you"],
        "New": ["Not linked"],
        "Stopped": ["Sync stopped"],
        "Waits": ["To be sent"],
    }


@pytest.mark.one_database
def test_filters_stay_in_the_address_of_every_page(app: Flask, book: Book) -> None:
    with app.app_context():
        company = make_company()
        for number in range(60):
            make_contact(company.id, last_name=f"N{number:02}", email=None)
    following = book.link("/contacts?linked=any&state=any&sort=-name", "next")
    assert following is not None
    assert "state=any" in following
    assert "sort=-name" in following
    assert len(book.names(following)) == 10
