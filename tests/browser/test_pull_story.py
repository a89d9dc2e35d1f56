"""The whole story in a real browser: log in, connect, pull, watch, cancel, resume."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.servers.sandbox_server import SandboxServer

pytestmark = pytest.mark.browser


def test_a_pull_fills_the_log_without_a_reload(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    sandbox.reset(companies=40, contacts=200)
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected).to_have_url(re.compile(r"/sync-log/\d+$"))
    # No navigation from here on: a mark on the page would be lost by a reload.
    connected.evaluate("document.body.dataset.watched = 'yes'")
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    expect(connected.locator("li.entry").first).to_be_visible()
    expect(connected.locator("body")).to_have_attribute("data-watched", "yes")
    expect(connected.locator("#count-contacts-created")).not_to_have_text("0")
    connected.goto(f"{served_app.url}/contacts")
    expect(connected.locator("tbody tr").first).to_be_visible()


def test_a_run_is_cancelled_and_keeps_what_it_did(connected: Page, sandbox: SandboxServer) -> None:
    sandbox.reset(companies=20, contacts=4000)
    # Forty pages, one after the other: not over before a browser on a busy machine has pressed the button.
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=1500, times=1000)
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected.locator("#count-companies-created")).not_to_have_text("0")
    connected.get_by_role("button", name="Cancel this run").click()
    expect(connected.locator("#run-badge")).to_contain_text("Cancelled")
    expect(connected.locator("#count-companies-created")).not_to_have_text("0")


def test_a_run_goes_on_by_itself_after_its_worker_was_killed(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    sandbox.reset(companies=20, contacts=600)
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=500, times=12)
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected.locator("#count-companies-created")).not_to_have_text("0")
    served_app.kill_worker()
    served_app.start_worker()
    expect(connected.locator("#run-badge")).to_contain_text("Finished", timeout=60_000)


def test_the_log_reads_without_javascript(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    sandbox.reset(companies=5, contacts=20)
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    browser = connected.context.browser
    assert browser is not None
    with browser.new_context(
        java_script_enabled=False, storage_state=connected.context.storage_state()
    ) as plain:
        page = plain.new_page()
        page.goto(connected.url)
        expect(page.locator("li.entry").first).to_be_visible()
        page.goto(f"{served_app.url}/integrations/hubspot")
        page.get_by_role("button", name="Pull", exact=True).click()
        expect(page).to_have_url(re.compile(r"/sync-log/\d+$"))
