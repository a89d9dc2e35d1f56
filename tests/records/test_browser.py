"""Lists and forms as they come alive in a browser."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = pytest.mark.browser

_LONG_PRESS_MS = 700


@pytest.fixture
def visiting(page: Page, app: Flask, served_pages: str, member: User) -> Page:
    """A member's browser, and two companies with a contact each in the book."""
    with app.app_context():
        for name, person in (("Zephyr", "Zoë"), ("Anker", "Ada")):
            company = make_company(name=name, domain=None)
            make_contact(company.id, first_name=person, last_name="Lovelace", email=None)
    log_in(page.context, served_pages, member.email, PASSWORD)
    return page


def test_the_list_follows_what_is_typed_and_its_address_can_be_shared(
    visiting: Page, served_pages: str
) -> None:
    visiting.goto(f"{served_pages}/contacts")
    rows = visiting.get_by_role("rowheader")
    expect(rows).to_have_text(["Ada Lovelace", "Zoë Lovelace"])
    visiting.get_by_role("searchbox").fill("zoe")
    expect(rows).to_have_text(["Zoë Lovelace"])
    expect(visiting).to_have_url(f"{served_pages}/contacts?q=zoe")
    visiting.get_by_role("searchbox").fill("nobody")
    expect(visiting.get_by_text("Nothing matches.")).to_be_visible()
    visiting.get_by_role("link", name="Clear search and filters").click()
    expect(rows).to_have_count(2)


def test_what_is_pressed_after_a_search_stays_where_it_is(visiting: Page, served_pages: str) -> None:
    """Leaving the search box is no change of what was asked: a press takes longer than an answer."""
    visiting.goto(f"{served_pages}/contacts")
    visiting.get_by_role("searchbox").fill("nobody")
    link = visiting.get_by_role("link", name="Clear search and filters")
    link.hover()
    visiting.mouse.down()
    visiting.wait_for_timeout(_LONG_PRESS_MS)
    visiting.mouse.up()
    expect(visiting.get_by_role("rowheader")).to_have_count(2)
    visiting.get_by_label("Sort by").select_option("changed")
    expect(visiting).to_have_url(re.compile("sort=changed"))


def test_a_contacts_company_is_found_while_typing(visiting: Page, served_pages: str) -> None:
    visiting.goto(f"{served_pages}/contacts/new")
    visiting.get_by_label("Last name").fill("Byron")
    visiting.get_by_label("Find a company").fill("zep")
    visiting.get_by_role("radio", name="Zephyr").check()
    visiting.get_by_label("Find a company").fill("ank")
    expect(visiting.get_by_role("radio", name="Anker")).to_be_visible()
    expect(visiting.get_by_role("radio", name="Zephyr")).to_be_checked()
    visiting.get_by_label("Last name").press("Enter")
    expect(visiting.get_by_role("status")).to_have_text("The record was added.")
    expect(visiting.get_by_role("link", name="Zephyr")).to_be_visible()


def test_an_error_behind_the_page_is_shown_on_it(visiting: Page, served_pages: str) -> None:
    visiting.goto(f"{served_pages}/contacts")
    visiting.evaluate("document.querySelector('form[role=search]').setAttribute('hx-get', '/nothing-here')")
    visiting.evaluate("htmx.process(document.querySelector('form[role=search]'))")
    visiting.get_by_role("searchbox").fill("x")
    expect(visiting.get_by_role("alert")).to_contain_text("This is not here any more.")


def test_when_the_session_ended_meanwhile_the_next_step_leads_to_the_login_page(
    visiting: Page, served_pages: str
) -> None:
    visiting.goto(f"{served_pages}/contacts")
    visiting.context.clear_cookies()
    visiting.get_by_role("searchbox").fill("zoe")
    expect(visiting).to_have_url(re.compile(r"/login\?next=/contacts"))


def test_pages_fit_a_small_phone(visiting: Page, served_pages: str) -> None:
    visiting.set_viewport_size({"width": 360, "height": 740})
    for address in ("/companies", "/contacts", "/companies/1", "/contacts/1", "/contacts/1/edit", "/nope"):
        visiting.goto(served_pages + address)
        overhang = visiting.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overhang <= 0, address


def test_without_javascript_the_search_is_a_plain_form(visiting: Page, served_pages: str) -> None:
    browser = visiting.context.browser
    assert browser
    context = browser.new_context(java_script_enabled=False, storage_state=visiting.context.storage_state())
    plain = context.new_page()
    plain.goto(f"{served_pages}/contacts")
    plain.get_by_role("searchbox").fill("zoe")
    plain.get_by_role("button", name="Search").click()
    expect(plain.get_by_role("rowheader")).to_have_text(["Zoë Lovelace"])
    context.close()
