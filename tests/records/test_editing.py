"""Creating and editing by the forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import NOW
from tests.support.usecases.book import Book
from webapp.domain.records.validate import check
from webapp.models import Company, User
from webapp.usecases.records import editing

pytestmark = pytest.mark.one_database


@pytest.mark.every_database
def test_a_new_company_is_stored_with_everything_that_was_typed(book: Book) -> None:
    record_id = book.add(
        "companies",
        name="Müller & Söhne GmbH",
        domain="https://www.mueller.de/",
        employees="12",
        description="one\r\ntwo",
        status="Lead",
        new_custom_name="tier",
        new_custom_value="gold",
    )
    company = book.company(record_id)
    assert (company.name, company.domain, company.employees) == ("Müller & Söhne GmbH", "mueller.de", 12)
    assert (company.description, company.status) == ("one\ntwo", "Lead")
    assert company.custom == {"tier": "gold"}
    assert (company.domain_key, company.sort_key) == ("mueller.de", "muller sohne gmbh")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", company.uuid)
    page = book.client.get(f"/companies/{record_id}").text
    assert "Müller &amp; Söhne GmbH" in page
    assert "gold" in page


def test_what_is_wrong_is_said_beside_the_field_and_everything_typed_is_kept(book: Book) -> None:
    answer = book.client.post(
        "/companies", data={"name": "Acme", "phone": "call me", "employees": "many", "city": "Bonn"}
    )
    assert answer.status_code == 422
    assert re.search(
        r'id="phone"[^>]*aria-describedby="phone-error"[^>]*aria-invalid="true"[^>]*value="call me"',
        answer.text,
    )
    assert re.search(r'id="employees-error">A whole number', answer.text)
    assert read_page(answer.text).form_values()["city"] == "Bonn"
    assert book.names("/companies?state=any") == []


@pytest.mark.every_database
def test_a_contact_belongs_to_a_company(book: Book) -> None:
    refused = book.client.post("/contacts", data={"last_name": "Lovelace"})
    assert refused.status_code == 422
    assert "A contact belongs to a company: choose one." in refused.text
    gone = book.client.post("/contacts", data={"last_name": "Lovelace", "company_id": "999"})
    assert gone.status_code == 422
    assert "That company is no longer here" in gone.text
    company_id = book.add("companies", name="Acme")
    contact = book.contact(
        book.add("contacts", last_name="Lovelace", first_name="Ada", company_id=company_id)
    )
    assert (contact.company_id, contact.name_key) == (company_id, "ada lovelace")


def test_the_form_of_a_new_contact_may_come_with_its_company(book: Book) -> None:
    company_id = book.add("companies", name="Acme")
    form = book.form(f"/contacts/new?company_id={company_id}")
    assert form["company_id"] == str(company_id)


def test_saving_an_untouched_form_changes_nothing(book: Book) -> None:
    company_id = book.add("companies", name="Acme", description="\na\n", status="Lead", employees="7")
    contact_id = book.add("contacts", last_name="X", phone="030 1234", company_id=company_id)
    for address in (f"/companies/{company_id}", f"/contacts/{contact_id}"):
        answer = book.client.post(address, data=book.form(f"{address}/edit"))
        assert answer.status_code == 303
        assert "Nothing was changed." in book.client.get(address).text
    assert book.company(company_id).version == book.contact(contact_id).version == 1


@pytest.mark.every_database
def test_an_edit_is_stored_with_what_follows_from_it(book: Book) -> None:
    record_id = book.add(
        "companies", name="Acme", domain="acme.com", new_custom_name="tier", new_custom_value="gold"
    )
    form = book.form(f"/companies/{record_id}/edit")
    assert form["custom.tier"] == "gold"
    form |= {"name": "Zenith", "domain": "", "custom.tier": ""}
    before = book.company(record_id)
    assert book.client.post(f"/companies/{record_id}", data=form).status_code == 303
    company = book.company(record_id)
    assert (company.name, company.domain, company.custom) == ("Zenith", None, None)
    assert (company.sort_key, company.domain_key) == ("zenith", None)
    assert (company.version, company.uuid) == (2, before.uuid)
    assert company.updated_at > before.updated_at


def two_windows(book: Book, record_id: int, first: dict[str, str], second: dict[str, str]) -> TestResponse:
    """Both open the form; one saves, then the other. Returns what the other is told."""
    address = f"/companies/{record_id}"
    one, other = book.form(f"{address}/edit"), book.form(f"{address}/edit")
    assert book.client.post(address, data=one | first).status_code == 303
    return book.client.post(address, data=other | second)


def test_the_second_window_is_told_field_by_field_and_nothing_is_lost(book: Book) -> None:
    record_id = book.add("companies", name="Acme", city="Bonn", phone="030 1111")
    answer = two_windows(
        book,
        record_id,
        {"city": "Berlin", "phone": "030 2222"},
        {"city": "Hamburg", "website": "acme.com"},
    )
    assert answer.status_code == 409
    assert book.company(record_id).city == "Berlin"
    assert "Nothing was saved yet: somebody else changed this record" in answer.text
    assert "City: “Bonn” → “Berlin”; yours is “Hamburg”" in answer.text
    assert "Phone: “030 1111” → “030 2222”" in answer.text
    assert "Somebody else changed this to “Berlin”. Saving puts yours in its place." in answer.text


def test_what_somebody_emptied_or_filled_in_meanwhile_is_said_in_words(book: Book) -> None:
    record_id = book.add("companies", name="Acme", city="Bonn", phone="")
    changes = (
        {"city": "", "phone": "030 2222", "street": "Am Markt 1"},
        {"city": "Hamburg", "street": "Hof 2"},
    )
    answer = two_windows(book, record_id, *changes)
    shown = read_page(answer.text).shown_text
    for text in (
        "City: “Bonn” → empty; yours is “Hamburg”",
        "Phone: empty → “030 2222”",
        "Somebody else emptied this. Saving puts yours in its place.",
        "Somebody else filled this in. Their value is shown.",
    ):
        assert text in shown, text
    assert "“empty”" not in shown


def test_a_company_that_somebody_gave_a_contact_meanwhile_is_named(book: Book) -> None:
    firms = [book.add("companies", name=name) for name in ("Nordlicht", "Suedstern", "Ostwind")]
    record_id = book.add("contacts", last_name="Roth", company_id=str(firms[0]))
    address = f"/contacts/{record_id}"
    one, other = book.form(f"{address}/edit"), book.form(f"{address}/edit")
    book.client.post(address, data=one | {"company_id": str(firms[1])})
    answer = book.client.post(address, data=other | {"company_id": str(firms[2])})
    assert "Company: “Nordlicht” → “Suedstern”; yours is “Ostwind”" in read_page(answer.text).shown_text


def test_saving_again_puts_ones_own_changes_on_top_of_the_others(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = book.add("companies", name="Acme", city="Bonn", phone="030 1111")
    answer = two_windows(
        book,
        record_id,
        {"city": "Berlin", "phone": "030 2222"},
        {"city": "Hamburg", "website": "acme.com"},
    )
    with monkeypatch.context() as patch:
        patch.setattr(book.client, "get", lambda _address: answer)
        again = book.form("the page that was told")
    assert book.client.post(f"/companies/{record_id}", data=again).status_code == 303
    company = book.company(record_id)
    assert (company.city, company.phone, company.website) == ("Hamburg", "030 2222", "acme.com")
    assert company.version == 3


@pytest.mark.every_database
def test_two_saves_in_the_same_moment_do_not_both_win(
    app: Flask, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = book.add("companies", name="Acme", city="Bonn")
    form = book.form(f"/companies/{record_id}/edit")

    def overtaken_just_before_writing(*_arguments: object) -> dict[str, str]:
        with app.app_context(), writing() as session:
            company = session.get_one(Company, record_id)
            company.city, company.version, company.updated_at = "Berlin", 2, NOW
        return {}

    monkeypatch.setattr(editing, "check", lambda *given: (overtaken_just_before_writing(), check(*given))[1])
    answer = book.client.post(f"/companies/{record_id}", data=form | {"city": "Hamburg"})
    assert answer.status_code == 409
    assert book.company(record_id).city == "Berlin"


def test_a_form_whose_hidden_parts_were_tampered_with_is_told_instead_of_believed(book: Book) -> None:
    record_id = book.add("companies", name="Acme", city="Bonn")
    for seen in ("", "[]", "{", '{"city": 7}'):
        answer = book.client.post(
            f"/companies/{record_id}", data={"name": "X", "version": "-1", "seen": seen}
        )
        assert answer.status_code == 409
    assert book.company(record_id).name == "Acme"


@pytest.mark.every_database
def test_a_company_is_found_by_its_name_domain_or_number_without_javascript(book: Book) -> None:
    company_id = book.add("companies", name="Zeppelin Werke", domain="zw.example.com")
    for search in ("zepp", "zw.ex", str(company_id)):
        page = book.client.post(
            "/contacts", data={"last_name": "X", "company_search": search, "find": "company"}
        )
        assert page.status_code == 200
        choices = read_page(page.text).all("input", name="company_id")
        assert str(company_id) in [one["value"] for one in choices]
        assert read_page(page.text).one("input", name="last_name")["value"] == "X"


def test_enter_finds_the_company_that_was_typed_and_saves_once_it_is_chosen(book: Book) -> None:
    company_id = book.add("companies", name="Zeppelin Werke")
    former = book.add("companies", name="Nordlicht")
    record_id = book.add("contacts", last_name="Roth", company_id=str(former))
    typed = {"last_name": "Rothe", "company_search": "zepp", "enter": "yes"}
    for address in ("/contacts", f"/contacts/{record_id}"):
        form = book.form(f"{address}/edit" if address.endswith(str(record_id)) else f"{address}/new")
        answer = book.client.post(address, data=form | typed)
        assert answer.status_code == 200
        page = read_page(answer.text)
        assert "Nothing was saved yet: choose the company, then save." in page.shown_text
        assert page.has("input", name="company_id", value=str(company_id))
        assert "autofocus" in page.one("input", id="company_search").attributes
        assert page.one("input", name="last_name")["value"] == "Rothe"
        chosen = form | typed | {"company_id": str(company_id)}
        assert book.client.post(address, data=chosen).status_code == 303
    assert book.contact(record_id).company_id == company_id


def test_the_choice_of_companies_keeps_the_chosen_one(book: Book) -> None:
    first, second = book.add("companies", name="Alpha"), book.add("companies", name="Beta")
    fragment = book.page(f"/companies/choices?company_search=bet&company_id={first}")
    assert not fragment.has("html")
    assert fragment.has("input", value=str(first), checked=True)
    assert fragment.has("input", value=str(second), checked=False)
    assert "No company matches all of" in book.client.get("/companies/choices?company_search=zzz").text


def test_every_value_typed_comes_back_escaped(book: Book) -> None:
    evil = '"><script>alert(1)</script>'
    record_id = book.add("companies", name=evil, city=evil, new_custom_name="x", new_custom_value=evil)
    for address in (
        f"/companies/{record_id}",
        f"/companies/{record_id}/edit",
        "/companies",
        f"/companies?q={evil}",
    ):
        page = book.page(address)
        assert not any("alert" in script.text for script in page.all("script"))
        assert evil in page.text or evil in page.form_values().values()


def test_a_pulled_web_address_that_is_none_is_no_link(
    app: Flask, logged_in: Callable[[User], FlaskClient], member: User
) -> None:
    with app.app_context(), writing() as session:
        session.add(
            Company(
                uuid="u",
                name="A",
                website="javascript:alert(1)",
                sort_key="a",
                created_at=NOW,
                updated_at=NOW,
            )
        )
    page = logged_in(member).get("/companies/1").text
    assert "javascript:alert(1)" in page
    assert not any(one["href"].startswith("javascript") for one in read_page(page).all("a"))
