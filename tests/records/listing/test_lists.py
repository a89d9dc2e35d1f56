"""Lists: searched, sorted, filtered, in pages."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import NOW, make_company, make_connection, make_contact, make_link
from tests.support.usecases.book import Book
from webapp.domain.rules.rule import Condition, Rule
from webapp.models import Company, FailingRecord, HeldRecord, Link
from webapp.store.push import outbox
from webapp.store.records import excluded
from webapp.store.records.listing import standing as record_standing
from webapp.store.rules import rules

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("sort", ["name", "changed"])
def test_pages_follow_each_other_forwards_and_back_without_a_gap(book: Book, sort: str) -> None:
    book.fill(120)
    forwards, last = book.walk(f"/companies?sort={sort}", "next")
    assert [len(page) for page in forwards] == [50, 50, 20]
    names = [name for page in forwards for name in page]
    expected = [f"Firm {number:03}" for number in range(120)]
    assert names == (expected if sort == "name" else expected[::-1])
    backwards, first = book.walk(last, "prev")
    assert backwards == forwards[::-1]
    assert book.link(first, "prev") is None


def test_records_named_alike_are_each_on_exactly_one_page(app: Flask, book: Book) -> None:
    book.fill(120, name="Same", city="x")
    with app.app_context(), writing() as session:
        for company in session.query(Company):
            company.domain = f"d{company.id}.com"
    shown = []
    address: str | None = "/companies"
    while address:
        shown += [row.one("a")["href"] for row in book.page(address).all("th", scope="row")]
        address = book.link(address, "next")
    assert len(shown) == len(set(shown)) == 120


def test_a_record_deleted_or_renamed_meanwhile_does_not_derange_the_pages(app: Flask, book: Book) -> None:
    book.fill(120)
    following = book.link("/companies", "next")
    assert following
    with app.app_context(), writing() as session:
        company = session.query(Company).filter_by(name="Firm 049").one()
        session.delete(company)
    assert book.names(following)[0] == "Firm 050"


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ", "W10", "WzEsMl0", "WyJhIiwgImIiXQ", "%00", "é"])
def test_a_cursor_that_somebody_made_up_shows_the_first_page(book: Book, cursor: str) -> None:
    book.fill(3)
    for sort in ("name", "changed"):
        assert len(book.names(f"/companies?sort={sort}&after={cursor}")) in (0, 3)


@pytest.mark.parametrize(
    "search", ["mull", "Müll", "MÜLLER", "muller s", "mueller.d", "https://www.mueller.de/x", "Müller & S"]
)
def test_companies_are_found_by_the_beginning_of_name_or_domain_first(book: Book, search: str) -> None:
    book.add("companies", name="Maler Müller", domain="maler.de")
    book.add("companies", name="Müller & Söhne", domain="mueller.de")
    found = book.names(f"/companies?q={search.replace('&', '%26')}")
    assert found[0] == "Müller & Söhne"
    assert found[1:] in ([], ["Maler Müller"])


@pytest.mark.parametrize("search", ["ada", "LOVEL", "lovelace a", "ada lov", "Ada@Ex", "zoë@"])
def test_contacts_are_found_by_the_beginning_of_first_or_last_name_or_email(book: Book, search: str) -> None:
    company_id = book.add("companies", name="Acme")
    values = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com"}
    if search == "zoë@":
        values["email"] = "Zoë@example.com"
    book.add("contacts", **values, company_id=company_id)
    book.add("contacts", first_name="Bea", last_name="Adams", email="bea@ada.com", company_id=company_id)
    found = book.names(f"/contacts?q={search}")
    assert "Ada Lovelace" in found
    assert ("Bea Adams" in found) == (search == "ada")


@pytest.mark.parametrize("search", ["%", "_", "'", "\\", "…", "🙂", "x" * 500])
def test_odd_searches_find_nothing_and_do_no_harm(book: Book, search: str) -> None:
    book.add("companies", name="Acme")
    assert book.client.get("/companies", query_string={"q": search}).status_code == 200
    assert book.names(f"/companies?q={search.replace('%', '%25')}") == []


@pytest.mark.parametrize("sort", ["name", "changed"])
def test_a_search_with_very_many_hits_finds_the_same_as_one_with_few(
    book: Book, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.fill(130)
    few, _ = book.walk(f"/companies?q=firm+0&sort={sort}", "next")
    monkeypatch.setattr(record_standing, "FEW_MATCHES", 10)
    many, _ = book.walk(f"/companies?q=firm+0&sort={sort}", "next")
    assert few == many
    assert [len(page) for page in few] == [50, 50]


def test_records_are_filtered_by_whether_they_are_linked(app: Flask, book: Book) -> None:
    with app.app_context():
        linked, gone, only_here = (
            make_company(name=name, domain=None) for name in ("Linked", "Gone", "Here")
        )
        connection = make_connection()
        old = make_connection("99", state="disconnected")
        make_link(connection.id, "companies", linked.id, "1")
        make_link(old.id, "companies", only_here.id, "1")
        make_link(connection.id, "contacts", only_here.id, "2")
        link = make_link(connection.id, "companies", gone.id, "3")
        with writing() as session:
            session.get_one(Link, link.id).state = "gone"
    assert book.names("/companies?linked=linked") == ["Gone", "Linked"]
    assert book.names("/companies?linked=unlinked") == ["Here"]
    badges = [one.shown_text for one in book.page("/companies").all("span", class_="badge")]
    assert sorted(badges).count("Gone in HubSpot") == 1
    assert badges.count("Not linked") == 1


@pytest.mark.parametrize("few", [0, 1_000])
def test_filters_by_link_agree_however_many_there_are(
    app: Flask, book: Book, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_standing, "FEW_MATCHES", few)
    with app.app_context():
        connection = make_connection()
        for number in range(8):
            company = make_company(name=f"Firm {number}", domain=None)
            if number % 2:
                make_link(connection.id, "companies", company.id, str(number))
    assert book.names("/companies?linked=linked") == [f"Firm {number}" for number in (1, 3, 5, 7)]
    assert book.names("/companies?linked=unlinked") == [f"Firm {number}" for number in (0, 2, 4, 6)]


def test_each_way_in_which_a_record_can_stand_has_its_list(app: Flask, book: Book) -> None:
    names = ("Works", "Waits", "Held", "Merged", "Fails", "Stopped", "Gone", "New", "Excluded")
    with app.app_context():
        ids = {name: make_company(name=name, domain=None, city=name).id for name in names}
        connection = make_connection()
        states = {"Stopped": "stopped", "Gone": "gone", "Merged": "held"}
        for name in names[:7]:
            link = make_link(connection.id, "companies", ids[name], name)
            with writing() as session:
                session.get_one(Link, link.id).state = states.get(name, "linked")
        shared = {"connection_id": connection.id, "object_type": "companies", "run_id": 1, "detail": None}
        with writing() as session:
            outbox.add(session, "companies", [ids["Waits"]], NOW)
            session.add(HeldRecord(record_id=ids["Held"], reason="object_linked", held_at=NOW, **shared))
            session.add(
                FailingRecord(
                    **shared,
                    record_id=ids["Fails"],
                    key=str(ids["Fails"]),
                    name="Fails",
                    direction="out",
                    reason="refused_by_hubspot",
                    property="",
                    failed_at=NOW,
                )
            )
            rule = Rule(conditions=(Condition("city", "is_not", "Excluded"),))
            rules.save(session, connection.id, "companies", "out", rule)
    lists = {
        "in_sync": ["Works"],
        "pending": ["Waits"],
        "held": ["Held", "Merged"],
        "failing": ["Fails"],
        "stopped": ["Stopped"],
        "gone": ["Gone"],
        "excluded": ["Excluded"],
    }
    assert {name: book.names(f"/companies?linked={name}") for name in lists} == lists
    assert "Required: City" in book.client.get("/companies?linked=excluded").text


def test_the_search_for_excluded_ones_is_bounded_and_goes_on(
    app: Flask, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excluded, "LOOK_THROUGH", 20)
    monkeypatch.setattr(excluded, "BATCH_SIZE", 10)
    with app.app_context():
        connection = make_connection()
        rule = Rule(conditions=(Condition("city", "is", "Bonn"),))
        with writing() as session:
            rules.save(session, connection.id, "companies", "out", rule)
    book.fill(45, city="Bonn")
    with app.app_context(), writing() as session:
        for company in session.query(Company).where(Company.name.in_(("Firm 025", "Firm 044"))):
            company.city = "Ulm"
    page = book.page("/companies?linked=excluded")
    assert "None among those checked." in page.shown_text
    [further] = [one["href"] for one in page.all("a") if one.shown_text.startswith("Look further")]
    assert book.names(further) == ["Firm 025"]
    following = book.link(further, "next")
    assert following is not None
    assert book.names(following) == ["Firm 044"]


@pytest.mark.one_database
def test_without_a_connection_nothing_is_linked(book: Book) -> None:
    book.add("companies", name="Acme")
    assert book.names("/companies?linked=linked") == []
    assert book.names("/companies?linked=unlinked") == ["Acme"]


def test_inactive_records_are_shown_only_when_asked_for(app: Flask, book: Book) -> None:
    with app.app_context():
        make_company(name="Here", domain=None)
        make_company(name="Former", domain=None, is_active=False)
    assert book.names("/companies") == ["Here"]
    assert book.names("/companies?state=inactive") == ["Former"]
    assert book.names("/companies?state=any") == ["Former", "Here"]


@pytest.mark.one_database
def test_htmx_gets_the_list_alone_and_the_address_that_shows_it(book: Book) -> None:
    book.fill(2)
    answer = book.client.get("/companies?q=firm&sort=name&linked=any&state=active", headers=HTMX)
    assert [one["id"] for one in read_page(answer.text).tops()] == [
        "record-count",
        "list-files",
        "records",
    ]
    assert answer.headers["HX-Replace-Url"] == "/companies?q=firm&sort=name"
    whole = book.client.get("/companies?q=firm", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert read_page(whole.text).has("html")


@pytest.mark.one_database
def test_an_empty_list_says_what_to_do(book: Book) -> None:
    assert "No companies yet." in book.client.get("/companies").text
    nothing = book.page("/companies?q=zzz")
    assert "No company matches all of “zzz”." in nothing.shown_text
    assert nothing.leads_to("/companies")
    assert "None has this state." in book.page("/companies?state=inactive").shown_text


def test_a_company_shows_its_contacts_page_by_page(app: Flask, book: Book) -> None:
    with app.app_context():
        company = make_company()
        other = make_company(name="Other", domain=None)
        for number in range(60):
            make_contact(company.id, first_name="N", last_name=f"Name {number:02}", email=None)
        make_contact(other.id, first_name="Some", last_name="Body", email=None)
    page = book.page(f"/companies/{company.id}")
    assert len(page.all("th", scope="row")) == 50
    assert "Some Body" not in page.shown_text
    following = page.one(id="contacts").all(hx_get=True)[0]["hx-get"]
    fragment = read_page(book.client.get(following, headers=HTMX).text)
    assert [one["id"] for one in fragment.tops()] == ["contacts"]
    assert len(fragment.all("th", scope="row")) == 10
    assert "Name 59" in fragment.shown_text
