"""From the first connection to an undo: by a person at a desk, and by one with a phone and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.applications.served import ServedApp
from tests.support.pages.browser import log_in
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from webapp.models import User

pytestmark = pytest.mark.browser

_PHONE: Any = {"width": 390, "height": 844}
_LOOKS, _PAUSE_MS = 400, 200


@pytest.fixture(params=["desk", "phone"])
def page_of_somebody(
    request: pytest.FixtureRequest, browser: Browser, page: Page, served_app: ServedApp, administrator: User
) -> Iterator[Page]:
    """A page of an administrator who has logged in: with script at a desk, without it on a phone."""
    if request.param == "desk":
        log_in(page.context, served_app.url, administrator.email, PASSWORD)
        yield page
        return
    with browser.new_context(java_script_enabled=False, viewport=_PHONE) as plain:
        plain.set_default_timeout(120_000)
        log_in(plain, served_app.url, administrator.email, PASSWORD)
        yield plain.new_page()


def _wait_for_its_end(page: Page) -> None:
    """Wait until a run has finished; without script by loading its page again."""
    badge = page.locator("#run-badge")
    for _ in range(_LOOKS):
        if "Finished" in (badge.text_content() or ""):
            return
        page.wait_for_timeout(_PAUSE_MS)
        if page.viewport_size == _PHONE:
            page.reload()
    expect(badge).to_contain_text("Finished")


def test_what_a_pull_and_a_push_did_is_undone(
    page_of_somebody: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    page, url = page_of_somebody, served_app.url
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"firstname": "Ana", "lastname": "Ito", "email": "a@acme.de"}, [firm["id"]])

    page.goto(f"{url}/integrations/hubspot")
    page.get_by_role("button", name="Connect with HubSpot").click()
    page.get_by_role("button", name="Grant access").click()
    expect(page).to_have_url(f"{url}/integrations/hubspot/setup")
    page.get_by_role("link", name="First Pull").click()
    page.get_by_role("button", name="Pull", exact=True).click()
    _wait_for_its_end(page)
    expect(page.locator("#count-contacts-created")).to_have_text("1")
    pulled = page.url

    page.goto(f"{url}/companies/new")
    page.get_by_role("textbox", name="Name", exact=True).fill("Nordlicht")
    page.get_by_role("button", name="Save").click()
    page.goto(f"{url}/integrations/hubspot")
    page.get_by_role("button", name="Push", exact=True).click()
    _wait_for_its_end(page)
    expect(page.locator("#count-companies-created")).to_have_text("1")
    assert sandbox.counts()["companies"] == 2

    _undo(page, archives=True)
    assert sandbox.counts()["companies"] == 1

    page.goto(pulled)
    _undo(page)
    page.goto(f"{url}/contacts")
    expect(page.get_by_text("Ito")).to_have_count(0)
    assert sandbox.counts()["contacts"] == 1


def _undo(page: Page, *, archives: bool = False) -> None:
    """Undo the run of the page: what it would do is shown first, and its button names it."""
    page.get_by_role("link", name="Undo…", exact=True).click()
    if archives:
        page.get_by_label("Archive in HubSpot what was created there").check()
    page.get_by_role("button", name="Preview the undo").click()
    _wait_for_its_end(page)
    page.get_by_role("button", name=re.compile("^Undo (Pull|Push) [0-9]+: (remove|archive) ")).click()
    _wait_for_its_end(page)
