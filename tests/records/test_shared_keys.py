"""A domain or an e-mail address that another record has: the form warns, and does not refuse."""

from __future__ import annotations

import pytest

from tests.support.book import Book
from tests.support.factories import make_company, make_contact
from tests.support.page import Element, read_page
from tests.support.services import writing
from webapp.models import ContactAddress


@pytest.fixture
def acme(book: Book) -> int:
    """The number of a company of the book."""
    with book.app.app_context():
        return make_company(name="Acme <b>", domain="acme.de").id


def _warning(page: Element) -> str:
    return " ".join(one.shown_text for one in page.all(id="sharing"))


def test_a_second_company_with_a_domain_is_stored_only_after_a_warning(book: Book, acme: int) -> None:
    typed = {"name": "Acme Kiel", "domain": "https://www.ACME.de/x"}
    answer = book.client.post("/companies", data=typed)
    assert answer.status_code == 409
    page = read_page(answer.text)
    assert "Nothing was saved yet. Another company has this domain: Acme <b>" in page.shown_text
    assert page.leads_to(f"/companies/{acme}")
    assert book.names("/companies") == ["Acme <b>"]
    form = page.one("main").all("form")[0].form_values()
    assert {name: form[name] for name in typed} == typed
    assert book.client.post("/companies", data=form).status_code == 303
    assert book.company(2).domain == "acme.de"


@pytest.mark.usefixtures("acme")
def test_another_domain_than_the_one_that_was_warned_of_is_asked_about_again(book: Book) -> None:
    book.add("companies", name="Zenith", domain="zenith.de")
    typed = {"name": "Third", "domain": "acme.de", "shared_key": "zenith.de"}
    assert book.client.post("/companies", data=typed).status_code == 409


def test_so_is_an_edit_that_changes_it_and_no_other(book: Book, acme: int) -> None:
    other = book.add("companies", name="Zenith", domain="zenith.de")
    form = book.form(f"/companies/{other}/edit") | {"domain": "acme.de"}
    answer = book.client.post(f"/companies/{other}", data=form)
    assert answer.status_code == 409
    assert read_page(answer.text).leads_to(f"/companies/{acme}")
    assert book.company(other).domain == "zenith.de"
    confirmed = read_page(answer.text).one("main").all("form")[0].form_values()
    assert book.client.post(f"/companies/{other}", data=confirmed).status_code == 303
    assert _warning(book.page(f"/companies/{other}/edit"))
    unshared = book.form(f"/companies/{other}/edit") | {"city": "Kiel"}
    assert "shared_key" in unshared
    del unshared["shared_key"]
    assert book.client.post(f"/companies/{other}", data=unshared).status_code == 303


@pytest.mark.parametrize("email", ["ADA@acme.de", "ada@home.de"])
def test_so_is_a_contact_with_any_address_of_another(book: Book, acme: int, email: str) -> None:
    with book.app.app_context():
        ada = make_contact(acme, email="ada@acme.de", first_name="Ada", last_name="Haas")
        with writing() as session:
            session.add(ContactAddress(contact_id=ada.id, email_key="ada@home.de"))
    typed = {"last_name": "H", "email": email, "company_id": acme}
    answer = book.client.post("/contacts", data=typed)
    assert answer.status_code == 409
    page = read_page(answer.text)
    assert "Another contact has this e-mail: Ada Haas" in page.shown_text
    assert page.leads_to(f"/contacts/{ada.id}")
    assert book.client.post("/contacts", data=typed | {"shared_key": email}).status_code == 303


def test_the_form_warns_before_it_is_sent(book: Book, acme: int) -> None:
    for number in range(4):
        book.add("companies", name=f"Branch {number}", domain="acme.de", shared_key="acme.de")
    page = book.page("/companies/sharing?domain=acme.de")
    assert "5 other companies have this domain: Acme <b>" in _warning(page)
    assert [link.shown_text for link in page.all("a")] == ["Acme <b>", "Branch 0", "Branch 1"]
    assert page.leads_to(f"/companies/{acme}")
    assert "4 other companies" in _warning(book.page(f"/companies/sharing?domain=acme.de&record_id={acme}"))
    for nothing in ("", "?domain=", "?domain=zenith.de", "?domain=no domain", "?record_id=x"):
        assert _warning(book.page(f"/companies/sharing{nothing}")) == ""
    [field] = book.page("/companies/new").all("input", id="domain")
    assert field["hx-get"] == "/companies/sharing"


def test_a_host_that_many_firms_share_is_nothing_to_look_at(book: Book) -> None:
    book.add("companies", name="A", domain="https://www.youtube.com/@a")
    book.add("companies", name="B", domain="https://www.youtube.com/@b")
    assert _warning(book.page("/companies/2/edit")) == ""


def test_a_form_that_is_shown_again_warns_too(book: Book, acme: int) -> None:
    answer = book.client.post("/companies", data={"name": "A", "domain": "acme.de", "employees": "many"})
    assert answer.status_code == 422
    shown = read_page(answer.text)
    assert "Another company has this domain" in _warning(shown)
    assert shown.leads_to(f"/companies/{acme}")
