"""What can be done without a pointer, and where the focus is afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.applications.threaded import serving
from tests.support.pages.browser import log_in
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from webapp.models.people.users import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]

# A part of a page that its only button replaces.
FETCHING_PART = """() => {
  const part = document.createElement("div");
  part.innerHTML = `<button hx-get="/palette?q=zzz" hx-select=".empty" hx-target="closest div"
                            hx-swap="outerHTML">Fetch</button>`;
  document.querySelector("main").append(part);
  htmx.process(part);
}"""


@pytest.fixture
def address(app: Flask, administrator: User) -> Iterator[str]:
    """Where a book in which something of everything has happened is served; no worker works in it."""
    with app.app_context():
        fill(make_connection().id, administrator.id)
    with serving(app) as url:
        yield url


@pytest.fixture
def companies(page: Page, address: str, administrator: User) -> Page:
    """The list of companies, as an administrator sees it."""
    log_in(page.context, address, administrator.email, PASSWORD)
    page.goto(address + "/companies")
    return page


def test_control_k_leads_to_a_record_by_a_few_letters(companies: Page) -> None:
    companies.keyboard.press("Control+k")
    palette = companies.get_by_role("dialog")
    expect(palette.get_by_role("link", name="Sync log")).to_be_visible()
    companies.keyboard.type("nord1")
    expect(palette.get_by_role("link")).to_have_count(1)
    companies.keyboard.press("Enter")
    expect(companies).to_have_url(re.compile("/companies/2$"))


def test_arrows_go_through_what_the_palette_found_and_letters_go_on(companies: Page) -> None:
    companies.keyboard.press("Control+k")
    palette = companies.get_by_role("dialog")
    expect(palette.get_by_role("link", name="Companies", exact=True)).to_be_visible()
    companies.keyboard.press("ArrowDown")
    companies.keyboard.press("ArrowDown")
    expect(palette.get_by_role("link", name="Companies", exact=True)).to_be_focused()
    companies.keyboard.press("ArrowUp")
    companies.keyboard.press("ArrowUp")
    expect(palette.get_by_role("searchbox")).to_be_focused()
    companies.keyboard.press("ArrowDown")
    companies.keyboard.type("rules")
    expect(palette.get_by_role("searchbox")).to_have_value("rules")


def test_escape_closes_the_palette_and_gives_the_focus_back(companies: Page) -> None:
    field = companies.get_by_role("main").get_by_role("searchbox")
    field.focus()
    companies.keyboard.press("Control+k")
    expect(companies.get_by_role("dialog")).to_be_visible()
    companies.keyboard.type("nord")
    companies.keyboard.press("Escape")
    expect(companies.get_by_role("dialog")).to_have_count(0)
    expect(field).to_be_focused()


def test_a_question_mark_shows_the_keys_but_not_while_something_is_typed(companies: Page) -> None:
    companies.keyboard.press("/")
    field = companies.get_by_role("main").get_by_role("searchbox")
    expect(field).to_be_focused()
    companies.keyboard.type("?")
    expect(field).to_have_value("?")
    expect(companies.get_by_role("dialog")).to_have_count(0)
    field.blur()
    companies.keyboard.type("?")
    expect(companies.get_by_role("dialog", name="Keys")).to_be_visible()


def test_the_first_key_leads_past_the_menu(companies: Page) -> None:
    companies.keyboard.press("Tab")
    expect(companies.get_by_role("link", name="Skip to the content")).to_be_focused()
    companies.keyboard.press("Enter")
    companies.keyboard.press("Tab")
    expect(companies.get_by_role("main").get_by_role("link").first).to_be_focused()


def test_the_focus_stays_on_push(companies: Page, address: str) -> None:
    companies.goto(address + "/companies/1")
    push = companies.locator("#push-button")
    push.focus()
    with companies.expect_response(re.compile("/companies/1/push")):
        companies.keyboard.press("Enter")
    expect(companies.locator("#push").get_by_text(re.compile("Queued|Waiting|sent to"))).to_be_visible()
    expect(push).to_be_focused()


def test_the_focus_stays_on_a_control_without_an_id_whose_part_is_replaced(companies: Page) -> None:
    companies.get_by_role("checkbox", name="Choose Nord 1").focus()
    with companies.expect_response(re.compile("/companies$")):
        companies.evaluate("htmx.ajax('GET', '/companies', {target: '#records', swap: 'outerHTML'})")
    expect(companies.get_by_role("checkbox", name="Choose Nord 1")).to_be_focused()


def test_where_the_control_is_gone_the_focus_is_on_what_came_instead(companies: Page) -> None:
    companies.evaluate(FETCHING_PART)
    companies.get_by_role("button", name="Fetch").focus()
    companies.keyboard.press("Enter")
    expect(companies.get_by_role("button", name="Fetch")).to_have_count(0)
    expect(companies.locator("main > .empty")).to_be_focused()


def test_after_a_decision_the_focus_is_on_what_came_in_its_place(companies: Page, address: str) -> None:
    companies.goto(address + "/held?open=1")
    companies.locator("#held-1").get_by_role("button", name=re.compile("Skip")).focus()
    companies.keyboard.press("Enter")
    expect(companies.locator("#held-1").get_by_role("status")).to_contain_text("It is left out")
    expect(companies.locator("[data-queue-item].is-open")).to_be_focused()


def test_a_question_takes_the_focus_and_escape_gives_it_back(
    app: Flask, companies: Page, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEBUG", True)
    companies.goto(address + "/design")
    opener = companies.get_by_text("Delete…").first
    opener.focus()
    companies.keyboard.press("Enter")
    expect(
        companies.get_by_role("group", name="Delete…").get_by_role("button", name="Delete")
    ).to_be_focused()
    companies.keyboard.press("Escape")
    expect(companies.get_by_role("group", name="Delete…")).to_have_count(0)
    expect(opener).to_be_focused()


def test_on_a_phone_the_menu_opens_without_script(
    browser: Browser, address: str, administrator: User
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    log_in(context, address, administrator.email, PASSWORD)
    page = context.new_page()
    page.goto(address + "/companies")
    places = page.get_by_role("navigation", name="Main")
    expect(places).to_have_count(0)
    page.get_by_role("button", name="Menu").click()
    expect(places.get_by_role("link", name="Sync log")).to_be_visible()
    places.get_by_role("link", name="Contacts").click()
    expect(page).to_have_url(re.compile("/contacts$"))
    context.close()


def test_on_no_width_does_the_menu_wrap(companies: Page) -> None:
    for width in (320, 390, 700, 900, 1100, 1124, 1280, 1600):
        companies.set_viewport_size({"width": width, "height": 800})
        head = companies.locator(".site-head").bounding_box()
        assert head is not None
        assert head["height"] < 64, width
        assert companies.evaluate("document.querySelector('.site-head-inner').scrollWidth") <= width


def test_on_no_width_does_a_menu_open_beyond_the_window(companies: Page) -> None:
    for width in (320, 360, 390, 700, 1280):
        companies.set_viewport_size({"width": width, "height": 800})
        for button in (".site-tools .menu > summary", ".column-choice > summary"):
            companies.locator(button).click()
            panel = companies.locator("details[open] > .menu-panel").bounding_box()
            assert panel is not None
            assert panel["x"] >= 0, (width, button)
            assert panel["x"] + panel["width"] <= width, (width, button)
            companies.keyboard.press("Escape")


def test_a_form_that_is_refused_begins_at_what_is_wrong(companies: Page, address: str) -> None:
    companies.goto(f"{address}/companies/new")
    companies.locator("#name").fill("Nordlicht")
    companies.locator("#employees").fill("many")
    companies.get_by_role("button", name="Save", exact=True).click()
    expect(companies.locator("#employees")).to_be_focused()
    companies.goto(f"{address}/integrations/hubspot/rules/companies/in")
    companies.get_by_role("button", name="Add a condition").click()
    companies.get_by_role("button", name="Save", exact=True).click()
    expect(companies.get_by_role("alert").filter(has_text="Nothing was saved.")).to_be_focused()
