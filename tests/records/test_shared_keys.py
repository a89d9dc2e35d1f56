"""A domain or an e-mail address that another record has: the form warns, and does not refuse."""

from __future__ import annotations

import pytest

from tests.support.applications.services import writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases.book import Book
from webapp.models import ContactAddress

pytestmark = pytest.mark.one_database


@pytest.fixture
def acme(book: Book) -> int:
    """The number of a company of the book."""
    with book.app.app_context():
        return make_company(name="Acme <b>", domain="acme.de").id


def _warning(page: Element) -> str:
    return " ".join(one.shown_text for one in page.all(id="sharing"))


@pytest.mark.every_database
def test_a_second_company_with_a_domain_is_saved_and_both_are_named(book: Book, acme: int) -> None:
    answer = book.client.post("/companies", data={"name": "Acme Kiel", "domain": "https://www.ACME.de/x"})
    assert answer.status_code == 303
    page = book.page(answer.location)
    notices = page.one(id="notices")
    assert "looks like Acme <b> (same domain" in notices.shown_text
    assert notices.leads_to(f"/companies/{acme}")
    assert book.company(2).domain == "acme.de"


def test_so_is_an_edit(book: Book, acme: int) -> None:
    other = book.add("companies", name="Zenith", domain="zenith.de")
    form = book.form(f"/companies/{other}/edit")
    answer = book.client.post(f"/companies/{other}", data=form | {"domain": "acme.de"})
    assert book.page(answer.location).one(id="notices").leads_to(f"/companies/{acme}")
    assert _warning(book.page(f"/companies/{other}/edit"))
    unshared = book.client.post(
        f"/companies/{other}", data=book.form(f"/companies/{other}/edit") | {"domain": "z.de"}
    )
    assert "has this domain" not in book.page(unshared.location).one(id="notices").shown_text


@pytest.mark.every_database
@pytest.mark.parametrize("email", ["ADA@acme.de", "ada@home.de"])
def test_a_contact_with_any_address_of_another_is_saved_with_a_warning(
    book: Book, acme: int, email: str
) -> None:
    with book.app.app_context():
        ada = make_contact(acme, email="ada@acme.de", first_name="Ada", last_name="Haas")
        with writing() as session:
            session.add(ContactAddress(contact_id=ada.id, email_key="ada@home.de"))
    answer = book.client.post("/contacts", data={"last_name": "H", "email": email, "company_id": acme})
    assert answer.status_code == 303
    notices = book.page(answer.location).one(id="notices")
    assert "looks like Ada Haas (same e-mail address" in notices.shown_text
    assert notices.leads_to(f"/contacts/{ada.id}")


def test_the_form_warns_before_it_is_sent(book: Book, acme: int) -> None:
    for number in range(4):
        book.add("companies", name=f"Branch {number}", domain="acme.de")
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
