"""The links of a record's page: whatever stands in a value, it leads where it says."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases.book import Book
from webapp.web.records.value_links import mail_link, phone_link, web_link

pytestmark = pytest.mark.one_database

_MEANING_IN_MAIL_LINKS = set("?&=#% \"'<>+;,")


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("ada@acme.de", "mailto:ada@acme.de"),
        ("a&b?cc=x@acme.de", "mailto:a%26b%3Fcc%3Dx@acme.de"),
        ("o'neil+x@acme.de", "mailto:o%27neil%2Bx@acme.de"),
        ("a%20b@acme.de", "mailto:a%2520b@acme.de"),
        ('"a@b"@acme.de', "mailto:%22a%40b%22@acme.de"),
        ("zoë@müller.de", "mailto:zo%C3%AB@m%C3%BCller.de"),
        ("a@b.de?subject=x", "mailto:a@b.de%3Fsubject%3Dx"),
    ],
)
def test_a_mail_link_writes_to_this_address_alone(address: str, link: str) -> None:
    assert mail_link(address) == link


@given(st.text(min_size=1).filter(lambda text: text == text.strip()))
def test_no_address_says_more_than_to_whom(address: str) -> None:
    address = address.encode("utf-8", "replace").decode()
    link = mail_link(address)
    assert unquote(link.removeprefix("mailto:")) == address
    assert not set(link.removeprefix("mailto:").replace("%", "")) & (_MEANING_IN_MAIL_LINKS - {"%"})


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("+49 30 1234567", "tel:+49301234567"),
        ("+49 (0)30 / 123-45 67", "tel:+49301234567"),
        ("(555) 123-4567 ext. 5", "tel:5551234567;ext=5"),
        ("030 1234 x12", "tel:0301234;ext=12"),
        ("1-800-FLOWERS", "tel:18003569377"),
        ("0301234?x=1#2", "tel:030123491;ext=2"),
        ("see website", None),
        ("", None),
    ],
)
def test_a_phone_link_dials_digits(text: str, link: str | None) -> None:
    assert phone_link(text) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("acme.de", "https://acme.de"),
        ("http://acme.de:8080/a b", "http://acme.de:8080/a%20b"),
        ("acme.de:8080/x", "https://acme.de:8080/x"),
        ("//acme.de/x", "https://acme.de/x"),
        ("https://medium.com/@acme?a=b&c=%20#d", "https://medium.com/@acme?a=b&c=%20#d"),
        ('acme.de/"><script>', "https://acme.de/%22%3E%3Cscript%3E"),
        ("müller.de/über", "https://müller.de/%C3%BCber"),
        ("acme.de/http://x.de", "https://acme.de/http://x.de"),
        ("javascript:alert(1)", None),
        ("javascript://acme.de/%0aalert(1)", None),
        ("http:acme.de", None),
        ("data:text/html,x", None),
        ("our site", None),
        ('acme.de" onclick="x', None),
    ],
)
def test_a_web_link_leads_to_a_web_address_alone(text: str, link: str | None) -> None:
    assert web_link(text) == link


@given(st.text())
def test_every_web_link_is_of_the_web(text: str) -> None:
    link = web_link(text)
    assert link is None or urlsplit(link).scheme in ("http", "https")


def test_the_page_of_a_record_has_these_links(app: Flask, book: Book) -> None:
    with app.app_context():
        company = make_company(website="https://medium.com/@a b", phone="+49 (0)30 12345")
        contact = make_contact(company.id, email="a&b?cc=x@acme.de", phone="call me")
    shown = read_page(book.client.get(f"/companies/{company.id}").text)
    assert shown.leads_to("https://medium.com/@a%20b")
    assert shown.leads_to("tel:+493012345")
    page = book.client.get(f"/contacts/{contact.id}").text
    assert 'href="mailto:a%26b%3Fcc%3Dx@acme.de"' in page
    assert "tel:" not in page
