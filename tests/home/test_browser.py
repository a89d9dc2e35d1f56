"""Home and the blue buttons in a real browser: live without a shift, on a phone, without JavaScript."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.pages.browser import SIZES, log_in
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import User

pytestmark = pytest.mark.browser

_SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""
_MOST_SHIFT = 0.05


@pytest.fixture
def ada(page: Page, served_app: ServedApp, administrator: User) -> Page:
    """An administrator's browser, on a connected Twinbook."""
    log_in(page.context, served_app.url, administrator.email, PASSWORD)
    page.goto(f"{served_app.url}/integrations/hubspot")
    page.get_by_role("button", name="Connect with HubSpot").click()
    page.get_by_role("button", name="Grant access").click()
    expect(page).to_have_url(re.compile("/integrations/hubspot/setup"))
    return page


@pytest.fixture
def reader(
    page: Page,
    app: Flask,
    served_pages: str,
    administrator: User,
    sandbox: SandboxServer,  # noqa: ARG001 - for what it brings about
) -> Page:
    """An administrator's browser, on a connected Twinbook in which nothing works."""
    with app.app_context():
        pulling.connected()
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    return page


def _width(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def test_home_follows_a_pull_without_a_reload_and_nothing_moves(
    ada: Page, served_app: ServedApp, sandbox: SandboxServer
) -> None:
    sandbox.reset(companies=40, contacts=200)
    home = ada.context.new_page()
    home.add_init_script(_SHIFTS)
    home.goto(served_app.url)
    expect(home.locator("#home-needs")).to_contain_text("Next: Field mapping")
    home.evaluate("document.body.dataset.watched = 'yes'")
    ada.goto(f"{served_app.url}/integrations")
    ada.get_by_role("button", name="Pull", exact=True).click()
    expect(ada).to_have_url(re.compile(r"/sync-log/\d+$"))
    home.bring_to_front()
    expect(home.locator("#pull-latest")).to_contain_text("Finished")
    expect(home.locator("#home-in-sync")).not_to_have_text("0")
    expect(home.locator("#home-needs")).not_to_contain_text("set-up")
    expect(home.locator("#home-hours-chart rect.chart-in")).to_have_count(1)
    expect(home.locator("body")).to_have_attribute("data-watched", "yes")
    assert home.evaluate("window.shift") < _MOST_SHIFT


def test_the_buttons_page_follows_a_run_to_its_end(
    ada: Page, served_app: ServedApp, sandbox: SandboxServer
) -> None:
    sandbox.reset(companies=10, contacts=20)
    watching = ada.context.new_page()
    watching.goto(f"{served_app.url}/integrations")
    expect(watching.locator("#pull-latest")).to_have_text("Not yet")
    ada.goto(f"{served_app.url}/integrations/hubspot")
    ada.get_by_role("button", name="Pull", exact=True).click()
    watching.bring_to_front()
    expect(watching.locator("#pull-latest")).to_contain_text("Finished")
    expect(watching.locator("#pull-progress")).to_contain_text("created")
    watching.locator("#pull-latest").get_by_role("link").click()
    expect(watching).to_have_url(re.compile(r"/sync-log/\d+$"))


def test_on_a_phone_nothing_is_wider_than_the_screen(reader: Page, served_pages: str) -> None:
    width, height = SIZES["phone"]
    reader.set_viewport_size({"width": width, "height": height})
    for address in ("/", "/integrations", "/integrations/hubspot", "/profile/notifications"):
        reader.goto(f"{served_pages}{address}")
        expect(reader.get_by_role("heading", level=1)).to_be_visible()
        assert _width(reader) <= width, address
    reader.goto(f"{served_pages}/integrations/hubspot")
    reader.get_by_text("Connection details").click()
    expect(reader.get_by_role("heading", name="Scopes")).to_be_visible()
    assert _width(reader) <= width


def test_without_javascript_the_pages_read_and_the_forms_work(
    reader: Page, served_pages: str, sandbox: SandboxServer
) -> None:
    sandbox.reset(companies=5, contacts=5)
    browser = reader.context.browser
    assert browser is not None
    with browser.new_context(
        java_script_enabled=False, storage_state=reader.context.storage_state()
    ) as plain:
        page = plain.new_page()
        page.goto(served_pages)
        page.get_by_role("link", name="Go to the set-up").click()
        expect(page).to_have_url(re.compile("/integrations/hubspot/fields/companies"))
        page.goto(served_pages)
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("columnheader", name="From HubSpot").first).to_be_visible()
        page.goto(f"{served_pages}/profile/notifications")
        page.get_by_label("A summary of the week").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("Saved")
        expect(page.get_by_label("A summary of the week")).to_be_checked()
        page.goto(f"{served_pages}/integrations")
        page.get_by_role("button", name="Pull", exact=True).click()
        expect(page).to_have_url(re.compile(r"/sync-log/\d+$"))


def test_home_is_gone_through_by_keyboard(reader: Page, served_pages: str) -> None:
    reader.goto(served_pages)
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="Skip to the content")).to_be_focused()
    reader.keyboard.press("Enter")
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="Go to the set-up")).to_be_focused()
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="in sync")).to_be_focused()
