"""A rule is built from lists and saved once its numbers were seen: on a phone, and without script."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, ViewportSize, expect

from tests.support.applications.services import writing
from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Connection, User

pytestmark = pytest.mark.browser

_PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def address(
    app: Flask,
    served_pages: str,
    sandbox: SandboxServer,  # noqa: ARG001 - for what it brings about
) -> str:
    """The rule for companies that go out, of a book with two of them."""
    with app.app_context():
        pulling.connected()
        make_company(name="Bonner", status="Customer", domain=None)
        make_company(name="Ulmer", status="Lead", domain=None)
    return f"{served_pages}/integrations/hubspot/rules/companies/out"


def _saved(page: Page) -> None:
    page.get_by_label("Value of condition 1").select_option("Customer")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 would no longer be sent: Ulmer.")).to_be_visible()
    expect(page.get_by_text("Status is Customer")).to_be_visible()
    page.get_by_role("button", name="Save and apply this rule").click()
    expect(page.get_by_text("The rule now applies.")).to_be_visible()
    expect(page.get_by_label("Value of condition 1")).to_have_value("Customer")


def _opened(context: BrowserContext, address: str, administrator: User) -> Page:
    log_in(context, address, administrator.email, PASSWORD)
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("Field of condition 1").select_option("status")
    return page


def test_a_rule_is_made_on_a_phone(browser: Browser, address: str, administrator: User) -> None:
    with browser.new_context(viewport=_PHONE, locale="en-GB") as context:
        page = _opened(context, address, administrator)
        expect(page.get_by_role("option", name="Customer (1)")).to_be_attached()
        _saved(page)


def test_a_rule_is_made_without_script(browser: Browser, address: str, administrator: User) -> None:
    with browser.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = _opened(context, address, administrator)
        page.get_by_role("button", name="Show what fits the chosen fields").click()
        _saved(page)


def test_a_value_that_no_record_has_is_said_while_it_is_typed(
    browser: Browser, address: str, administrator: User
) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = _opened(context, address, administrator)
        expect(page.get_by_role("option", name="Customer (1)")).to_be_attached()
        page.get_by_label("Field of condition 1").select_option("name")
        box = page.get_by_role("textbox", name="Value of condition 1")
        box.press_sequentially("Bonnr")
        expect(page.get_by_role("status").filter(has_text="no record has “Bonnr” so far")).to_be_visible()
        expect(box).to_be_focused()
        box.press("Backspace")
        box.press_sequentially("er")
        expect(page.get_by_text("no record has")).to_have_count(0)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("1 would no longer be sent: Ulmer.")).to_be_visible()


def _asks_before_it_leaves(page: Page, link: str) -> bool:
    """Whether the browser asks when a link is followed; the page stays then."""
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("main").get_by_role("link", name=link, exact=True).click(no_wait_after=True)
    with suppress(Error):  # the page that is not left
        page.wait_for_event("load", timeout=2000)
    page.remove_listener("dialog", stay)
    return questions == ["beforeunload"]


@pytest.mark.sqlite
def test_the_browser_asks_before_a_rule_is_left_that_is_not_saved(
    browser: Browser, address: str, administrator: User
) -> None:
    """A condition that was added, one that htmx fitted to its field, and the numbers before it is saved."""
    with browser.new_context(locale="en-GB", service_workers="block") as context:
        log_in(context, address, administrator.email, PASSWORD)
        page = context.new_page()
        page.goto(address)
        page.get_by_role("button", name="Try it").last.click()
        page.wait_for_load_state()
        assert not _asks_before_it_leaves(page, "HubSpot"), "nothing was changed"
        page.goto(address)
        page.get_by_role("button", name="Add a condition").click()
        expect(page.get_by_label("Field of condition 1")).to_be_visible()
        assert _asks_before_it_leaves(page, "HubSpot")
        page.get_by_label("Field of condition 1").select_option("status")
        expect(page.get_by_role("option", name="Customer (1)")).to_be_attached()
        assert _asks_before_it_leaves(page, "HubSpot")
        page.get_by_label("Value of condition 1").select_option("Customer")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("1 would no longer be sent: Ulmer.")).to_be_visible()
        assert _asks_before_it_leaves(page, "Sync rules")
        page.get_by_role("button", name="Save and apply this rule").click()
        expect(page.get_by_text("The rule now applies.")).to_be_visible()
        assert not _asks_before_it_leaves(page, "HubSpot")


def test_a_part_that_is_refused_says_why_although_only_the_form_was_asked_for(
    browser: Browser, address: str, app: Flask, administrator: User
) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = _opened(context, address, administrator)
        expect(page.get_by_role("option", name="Customer (1)")).to_be_attached()
        with app.app_context(), writing() as session:
            session.get_one(Connection, 1).state = "disconnected"
        page.get_by_label("Field of condition 1").select_option("city")
        expect(page.locator("#notices").get_by_role("alert")).to_contain_text("This cannot be done now")
        expect(page.get_by_label("Field of condition 1")).to_be_visible()
