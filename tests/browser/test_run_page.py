"""The page of a run in a real browser: still while it works, honest about a cut line and its end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.applications.served import ServedApp
from tests.support.servers.sandbox_server import SandboxServer

pytestmark = pytest.mark.browser

# What Chromium adds up as cumulative layout shift: all that moved without somebody's doing.
_WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""
_PHONE: Any = {"width": 390, "height": 844}


def _shift(page: Page) -> float:
    return float(page.evaluate("window.shifts.reduce((sum, one) => sum + one, 0)"))


def _pull(page: Page) -> None:
    page.get_by_role("button", name="Pull", exact=True).click()
    expect(page).to_have_url(re.compile(r"/sync-log/\d+$"))


@pytest.mark.parametrize("is_phone", [False, True])
def test_nothing_moves_over_a_whole_pull_and_its_end_needs_no_reload(
    connected: Page, sandbox: SandboxServer, *, is_phone: bool
) -> None:
    sandbox.reset(companies=40, contacts=400)
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=300, times=6)
    if is_phone:
        connected.set_viewport_size(_PHONE)
    connected.add_init_script(_WATCH_SHIFTS)
    _pull(connected)
    connected.evaluate("document.body.dataset.watched = 'yes'")
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    expect(connected.locator("#run-done")).to_contain_text("created")
    # What depends on the person comes behind it, and the list, of which nothing was shown yet.
    expect(connected.get_by_role("link", name="Undo…").first).to_be_visible()
    expect(connected.get_by_role("button", name="Cancel this run")).to_have_count(0)
    expect(connected.locator("#run-setup li.done")).to_have_count(5)
    expect(connected.locator("#run-entries li.entry").first).to_be_visible()
    expect(connected.locator("body")).to_have_attribute("data-watched", "yes")
    assert _shift(connected) < 0.05


def test_new_entries_are_offered_and_shown_when_asked_for(connected: Page, sandbox: SandboxServer) -> None:
    sandbox.reset(companies=20, contacts=4000)
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=1500, times=1000)
    _pull(connected)
    offer = connected.get_by_role("link", name=re.compile(r"\d+ new entr"))
    expect(offer).to_be_visible()
    expect(connected.locator("#run-entries li.entry")).to_have_count(0)
    offer.click()
    line = connected.locator("#run-entries li.entry").first
    expect(line).to_be_visible()
    expect(line.get_by_role("link", name="Open here")).to_be_hidden()
    line.locator("summary").click()
    expect(line.get_by_role("link", name="Open here")).to_be_visible()
    connected.get_by_role("button", name="Cancel this run").click()
    expect(connected.locator("#run-badge")).to_contain_text("Cancelled")


def test_a_cut_connection_is_said_with_the_age_of_what_is_shown(
    connected: Page, sandbox: SandboxServer
) -> None:
    sandbox.reset(companies=20, contacts=4000)
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=1500, times=1000)

    def cut(route: Route) -> None:
        route.abort()

    connected.route("**/stream?*", cut)
    _pull(connected)
    line = connected.locator("#run-cut")
    expect(line).to_be_visible()
    expect(line).to_have_text(re.compile(r"Reconnecting… What is shown is \d+ s old\."))
    connected.unroute("**/stream?*", cut)
    expect(line).to_be_hidden()
    expect(connected.locator("#count-companies-created")).not_to_have_text("0")
    connected.get_by_role("button", name="Cancel this run").click()
    expect(connected.locator("#run-badge")).to_contain_text("Cancelled")


def test_a_run_is_watched_and_its_entries_read_without_script_on_a_phone(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    sandbox.reset(companies=20, contacts=200)
    sandbox.fault("latency", path="/crm/objects/*", latency_ms=1500, times=1000)
    browser = connected.context.browser
    assert browser is not None
    state = connected.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state, viewport=_PHONE) as plain:
        page = plain.new_page()
        page.goto(f"{served_app.url}/integrations/hubspot")
        page.get_by_role("button", name="Pull", exact=True).click()
        expect(page.get_by_role("link", name="Refresh")).to_be_visible()
        assert 'http-equiv="refresh"' in page.content()
        sandbox.reset(companies=20, contacts=200)
        page.get_by_role("button", name="Cancel this run").click()
        expect(page.get_by_role("link", name="Refresh")).to_have_count(0)
        page.goto(f"{served_app.url}/sync-log")
        expect(page.locator("ol.runs > li")).to_have_count(1)
