"""Lists come alive in a browser: found while typing, sorted, ticked, on a phone and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_connection, make_contact
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("people")]

_TWO_LINES = 76
_THREE_LINES = 100
# How many lines the text of an element takes.
_LINES = """element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return new Set([...range.getClientRects()].map(part => part.top)).size;
}"""
_PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def people(app: Flask) -> None:
    """Two companies with a contact each, and a third contact."""
    with app.app_context():
        make_connection()
        nord = make_company(name="Nordlicht Verlag", domain="nordlicht.de", city="Kiel")
        anker = make_company(name="Anker", domain="anker.de")
        make_contact(nord.id, first_name="Zoë", last_name="Lovelace", email="zoe@nordlicht.de", city="Kiel")
        make_contact(anker.id, first_name="Ada", last_name="Adams", email=None, phone="+49 431 5551234")
        make_contact(anker.id, first_name="Bea", last_name="Brandt", email="bea@anker.de")


@pytest.fixture
def visiting(page: Page, served_pages: str, administrator: User) -> Page:
    """An administrator's browser."""
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    return page


def test_any_part_of_a_word_finds_while_the_focus_stays(visiting: Page, served_pages: str) -> None:
    visiting.goto(f"{served_pages}/contacts")
    rows, box = visiting.get_by_role("rowheader"), visiting.get_by_role("searchbox")
    box.press_sequentially("ordlich")
    expect(rows).to_have_text(["Zoë Lovelace"])
    expect(box).to_be_focused()
    expect(visiting).to_have_url(f"{served_pages}/contacts?q=ordlich")
    expect(visiting.locator("#record-count")).to_have_text("1 of 3 contacts")
    box.fill("0431 555")
    expect(rows).to_have_text(["Ada Adams"])
    box.fill("nobody")
    visiting.get_by_role("link", name="Clear search and filters").click()
    expect(rows).to_have_count(3)


def test_headings_sort_and_columns_are_kept(visiting: Page, served_pages: str) -> None:
    visiting.goto(f"{served_pages}/contacts")
    visiting.get_by_role("columnheader", name="Name").get_by_role("link").press("Enter")
    expect(visiting).to_have_url(re.compile("sort=-name"))
    expect(visiting.get_by_role("rowheader")).to_have_text(["Zoë Lovelace", "Bea Brandt", "Ada Adams"])
    visiting.get_by_text("Columns").click()
    visiting.get_by_label("City").check()
    visiting.get_by_role("button", name="Show these").click()
    expect(visiting.get_by_role("columnheader", name="City")).to_be_visible()
    expect(visiting).to_have_url(re.compile("sort=-name"))


def test_addresses_and_telephones_take_one_line_and_are_whole_when_pointed_at(
    app: Flask, visiting: Page, served_pages: str
) -> None:
    email, phone = (
        "maximiliane.oberhuber@filiale-bremen.nordlicht.de",
        "+49 (0) 421 555 12 34 - 5678 ext. 9012",
    )
    with app.app_context():
        firm = make_company(name="Nordlicht Verlag und Versand GmbH & Co. KG", domain="verlag.de")
        make_contact(firm.id, first_name="Max", last_name="Aa", email="max.zz@monarch-dental-care.com")
        make_contact(firm.id, first_name="Maxi", last_name="Ab", email=email, phone=phone)
    for width in (1280, 1100):
        visiting.set_viewport_size({"width": width, "height": 900})
        visiting.goto(f"{served_pages}/contacts")
        usual = visiting.get_by_role("cell", name="max.zz@monarch-dental-care.com")
        assert not usual.evaluate("cell => cell.scrollWidth > cell.clientWidth"), "a usual address is whole"
        for text in (email, phone):
            long = visiting.get_by_role("cell", name=text)
            assert long.evaluate(_LINES) == 1, (width, text)
            expect(long).to_have_attribute("title", text)
        assert visiting.evaluate("document.documentElement.scrollWidth") == width


def test_a_page_is_ticked_by_one_box_and_what_follows_names_them(visiting: Page, served_pages: str) -> None:
    visiting.goto(f"{served_pages}/contacts")
    visiting.get_by_label("Choose all on this page").check()
    visiting.get_by_label("Choose Bea Brandt").uncheck()
    button = visiting.get_by_role("button", name="Those ticked")
    expect(button).to_have_text("Those ticked (2) …")
    visiting.get_by_label("With several", exact=True).select_option("deactivate")
    button.click()
    expect(visiting.get_by_role("heading", level=1)).to_have_text("Deactivate: 2 contacts")


@pytest.fixture
def plain(browser: Browser, served_pages: str, administrator: User) -> Iterator[Page]:
    """A browser that runs no scripts, on a phone."""
    context = browser.new_context(java_script_enabled=False, viewport=_PHONE, locale="en-GB")
    log_in(context, served_pages, administrator.email, PASSWORD)
    yield context.new_page()
    context.close()


def test_a_phone_without_javascript_does_the_same(plain: Page, served_pages: str) -> None:
    plain.goto(f"{served_pages}/contacts")
    width = plain.evaluate("document.documentElement.scrollWidth")
    assert width <= _PHONE["width"]
    rows = plain.locator("table.records tbody tr")
    expect(rows).to_have_count(3)
    heights = [box["height"] for row in rows.all() if (box := row.bounding_box())]
    assert max(heights) < _TWO_LINES
    plain.get_by_role("searchbox").fill("ordlich")
    plain.get_by_role("button", name="Search").click()
    expect(plain.get_by_role("rowheader")).to_have_text(["Zoë Lovelace"])
    plain.get_by_label("Choose Zoë Lovelace").check()
    plain.get_by_label("With several", exact=True).select_option("status")
    plain.get_by_role("button", name="Those ticked").click()
    plain.get_by_label("Their status becomes").select_option("Customer")
    plain.get_by_role("button", name="Set the status: 1 contact").click()
    expect(plain).to_have_url(re.compile("/sync-log/"))


@pytest.mark.parametrize("width", [720, 1000, 1080, 1180])
def test_between_a_phone_and_a_desk_no_row_is_broken_into_letters(
    app: Flask, visiting: Page, served_pages: str, width: int
) -> None:
    with app.app_context():
        firm = make_company(name="Monarch Dental Care Gesellschaft mbH", domain="monarch.de")
        address = "dorothea.abernathy@monarch-dental-care.example"
        make_contact(
            firm.id, first_name="Dorothea", last_name="Abernathy", email=address, phone="+49 431 5551235"
        )
    visiting.set_viewport_size({"width": width, "height": 800})
    visiting.goto(f"{served_pages}/contacts")
    rows = visiting.locator("#records tbody tr")
    expect(rows).to_have_count(4)
    heights = rows.evaluate_all("rows => rows.map((row) => row.getBoundingClientRect().height)")
    assert max(heights) <= _THREE_LINES
    frame = visiting.locator("#records .table-frame")
    assert frame.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
