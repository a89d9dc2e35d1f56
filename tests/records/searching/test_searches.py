"""Searches of the lists, before and after the texts of records were brought up to date."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import change_run, make_connection, make_run
from tests.support.usecases.book import Book
from webapp.models import Company, CompanyText, Contact, ContactAddress, ContactText, SearchChange
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing.lists import Question
from webapp.store.records.listing.search import search
from webapp.store.records.searching import matches, texts
from webapp.usecases.records import search_texts

# Every state and kind of database has a book to be filled: what only looks is one test with many searches.
_FOUND = {
    "love": ["Ada Lovelace"],
    "vel": ["Ada Lovelace"],
    "kiel leit": ["Ada Lovelace"],
    "leit KIEL": ["Ada Lovelace"],
    "5551234": ["Ada Lovelace"],
    "0431 555": ["Ada Lovelace"],
    "nordl": ["Ada Lovelace"],
    "suedw": ["Zoë Nadal", "Bea Adams"],
    "sudwind be": ["Bea Adams"],
    # By last name, then first name, then by a part of a word; each once.
    "ada": ["Bea Adams", "Ada Lovelace", "Zoë Nadal"],
    "zoe": ["Zoë Nadal"],
    "ADA LOVE": ["Ada Lovelace"],
    "love ada": ["Ada Lovelace"],
    "z": ["Zoë Nadal"],
    "@": [],
    "xyz": [],
}


@pytest.fixture(params=["fresh", "indexed", pytest.param("walked", marks=pytest.mark.postgresql)])
def state(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether texts are up to date, and how PostgreSQL looks for what very many records have."""
    if request.param == "walked":
        monkeypatch.setattr(matches, "FEW_FOUND", 0)
    return str(request.param)


@pytest.fixture
def people(book: Book, state: str) -> Book:
    """Three contacts of two companies."""
    nord = book.add(
        "companies", name="Nordlicht Verlag", domain="nordlicht.de", city="Kiel", phone="+49 431 5550"
    )
    sud = book.add("companies", name="Südwind", domain="suedwind.org", city="München")
    book.add(
        "contacts",
        first_name="Ada",
        last_name="Lovelace",
        email="ada@nordlicht.de",
        phone="+49 431 5551234",
        job_title="Leiterin",
        city="Kiel",
        company_id=nord,
    )
    book.add(
        "contacts", first_name="Bea", last_name="Adams", email="bea@suedwind.org", city="Ulm", company_id=sud
    )
    book.add("contacts", first_name="Zoë", last_name="Nadal", email="z@home.com", company_id=sud)
    if state != "fresh":
        _bring_up_to_date(book.app)
    return book


def _bring_up_to_date(app: Flask) -> None:
    with app.app_context():
        search_texts.bring_all_up_to_date(current_services())
        with reading() as session:
            assert session.query(SearchChange).count() == 0


def test_contacts_are_found_the_best_match_first(people: Book) -> None:
    for typed, found in _FOUND.items():
        assert people.names(f"/contacts?q={typed}") == found, typed


def test_companies_are_found_by_any_part(people: Book) -> None:
    assert people.names("/companies?q=licht") == ["Nordlicht Verlag"]
    assert people.names("/companies?q=muenchen") == ["Südwind"]
    assert people.names("/companies?q=431555") == ["Nordlicht Verlag"]
    in_a_form = people.page("/companies/choices?company_search=licht")
    assert "Nordlicht Verlag" in in_a_form.shown_text


def test_what_is_changed_is_found_by_what_it_is_now(people: Book, state: str) -> None:
    form = people.form("/contacts/1/edit") | {"city": "Flensburg"}
    assert people.client.post("/contacts/1", data=form).status_code == 303
    assert people.names("/contacts?q=lensbur") == ["Ada Lovelace"]
    if state != "fresh":
        _bring_up_to_date(people.app)
        assert people.names("/contacts?q=lensbur") == ["Ada Lovelace"]
        assert people.names("/contacts?q=kiel") == []


def test_contacts_follow_their_companys_new_name(people: Book) -> None:
    form = people.form("/companies/2/edit") | {"name": "Westwind"}
    assert people.client.post("/companies/2", data=form).status_code == 303
    _bring_up_to_date(people.app)
    assert people.names("/contacts?q=estwin") == ["Zoë Nadal", "Bea Adams"]
    with people.app.app_context(), reading() as session:
        assert "sudwind" not in session.get_one(ContactText, 2).text


def test_a_further_address_finds_its_contact(people: Book) -> None:
    _bring_up_to_date(people.app)
    with people.app.app_context(), writing() as session:
        session.add(ContactAddress(contact_id=3, email_key="old@elsewhere.net"))
    assert people.names("/contacts?q=lsewhe") == ["Zoë Nadal"]
    _bring_up_to_date(people.app)
    assert people.names("/contacts?q=lsewhe") == ["Zoë Nadal"]


def test_a_record_that_is_gone_is_found_no_more_and_leaves_no_text(people: Book) -> None:
    _bring_up_to_date(people.app)
    with people.app.app_context():
        with writing() as session:
            session.delete(session.get_one(Contact, 3))
        assert people.names("/contacts?q=nadal") == []
        _bring_up_to_date(people.app)
        with reading() as session:
            assert session.get(ContactText, 3) is None
    assert people.names("/contacts?q=nadal") == []


def test_filters_and_orders_hold_for_a_search_too(people: Book) -> None:
    people.client.post("/contacts/2/active", data={"active": "no"})
    assert people.names("/contacts?q=ada") == ["Ada Lovelace", "Zoë Nadal"]
    assert people.names("/contacts?q=ada&state=inactive") == ["Bea Adams"]
    assert people.names("/contacts?q=ada&state=any&sort=name") == ["Bea Adams", "Ada Lovelace", "Zoë Nadal"]
    assert people.names("/contacts?q=ada&state=any&sort=-name") == ["Zoë Nadal", "Ada Lovelace", "Bea Adams"]
    assert people.names("/contacts?q=ada&state=any&sort=email") == ["Ada Lovelace", "Bea Adams", "Zoë Nadal"]


@pytest.fixture
def many(book: Book, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A book of small pages, with names that begin with the word and names that only hold it."""
    monkeypatch.setattr(record_lists, "PAGE_SIZE", 3)
    for number in range(4):
        book.add("companies", name=f"Anker {number}", domain=f"one{number}.de")
        book.add("companies", name=f"Bau {number} Anker", domain=f"two{number}.de")
        book.add("companies", name=f"Bau {number}", domain=f"anker{number}.de")
    return book


@pytest.mark.parametrize("indexed", [True, False])
def test_the_pages_of_a_search_follow_each_other_both_ways(many: Book, *, indexed: bool) -> None:
    if indexed:
        _bring_up_to_date(many.app)
    expected = [f"Anker {number}" for number in range(4)]
    expected += [f"Bau {number}" for number in range(4)]
    expected += [f"Bau {number} Anker" for number in (3, 2, 1, 0)]
    address, forwards = "/companies?q=anker", []
    while True:
        forwards.append(many.names(address))
        following = many.link(address, "next")
        if not following:
            break
        address = following
    assert [name for page in forwards for name in page] == expected
    backwards = [many.names(address)]
    while previous := many.link(address, "prev"):
        address = previous
        backwards.append(many.names(address))
    assert backwards == forwards[::-1]


def test_a_search_that_finds_very_much_keeps_its_order_and_says_so(
    many: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert many.names("/companies?q=anker&sort=-name")[0] == "Bau 3 Anker"
    monkeypatch.setattr(record_lists, "MOST_SORTED", 5)
    page = many.page("/companies?q=anker&sort=-name")
    assert "Add a word to the search to sort them." in page.shown_text
    assert many.names("/companies?q=anker&sort=-name")[0] == "Anker 0"


def test_a_list_says_when_its_search_is_behind(many: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.web.records.listing.pages.SAYS_BEHIND_ABOVE", 5)
    assert "still taking in changes (12 to go)" in many.page("/companies?q=anker").shown_text
    _bring_up_to_date(many.app)
    assert "still taking in" not in many.page("/companies?q=anker").shown_text


def test_one_search_finds_records_of_both_types(people: Book) -> None:
    with people.app.app_context(), reading() as session:
        found = search(session, "nord", 5)
        assert [(one.object_type, one.name, one.about) for one in found] == [
            ("companies", "Nordlicht Verlag", "nordlicht.de · Kiel"),
            ("contacts", "Ada Lovelace", "Nordlicht Verlag · ada@nordlicht.de"),
        ]
        assert search(session, " ", 5) == []
        assert [one.name for one in search(session, "ada", 1, object_types=("contacts",))] == ["Bea Adams"]


def test_what_a_search_finds_can_be_a_condition(people: Book) -> None:
    found = {"ada": [1, 2, 3], "suedw": [2, 3], "z": [3], "xyz": [], "%": []}
    with people.app.app_context(), reading() as session:
        for (typed, ids), one_by_one in product(found.items(), (True, False)):
            query = record_lists.narrowed(
                session, "contacts", Question(search=typed), select(Contact.id), one_by_one=one_by_one
            )
            assert list(session.scalars(query.order_by(Contact.id))) == ids, (typed, one_by_one)


def test_a_pull_that_works_goes_first(book: Book) -> None:
    book.add("companies", name="Anker")
    with book.app.app_context():
        run = make_run(make_connection().id, state="running")
        search_texts.bring_up_to_date(current_services())
        with reading() as session:
            assert session.query(CompanyText).count() == 0
        change_run(run.id, waiting_for="daily_limit")
        search_texts.bring_up_to_date(current_services())
        with reading() as session:
            assert session.query(CompanyText).count() == 1


def test_a_change_during_a_batch_is_not_lost(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    number = book.add("companies", name="Anker")
    read = texts.present_texts

    def read_before_the_change(*args: Any) -> dict[int, str]:
        found = read(*args)
        monkeypatch.setattr(texts, "present_texts", read)
        with writing() as session:
            session.get_one(Company, number).name = "Winde"
        return found

    monkeypatch.setattr(texts, "present_texts", read_before_the_change)
    with book.app.app_context():
        search_texts.next_batch(current_services())
        with reading() as session:
            assert session.get_one(CompanyText, number).text == " anker"
        search_texts.next_batch(current_services())
        with reading() as session:
            assert session.get_one(CompanyText, number).text == " winde"


def test_a_rebuild_takes_everything_in(people: Book) -> None:
    with people.app.app_context(), writing() as session:
        session.query(SearchChange).delete()
        session.query(ContactText).delete()
        session.add(ContactText(id=999, text=" nobody"))
    runner = people.app.test_cli_runner()
    assert "All records were taken in." in runner.invoke(args=["search", "rebuild", "--wait"]).output
    assert "Up to date." in runner.invoke(args=["search", "status"]).output
    assert people.names("/contacts?q=lovelac") == ["Ada Lovelace"]
    with people.app.app_context(), reading() as session:
        assert session.get(ContactText, 999) is None
