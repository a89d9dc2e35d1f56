from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.pages.browser import log_in
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from webapp.models.people.users import User

pytestmark = pytest.mark.browser


def test_a_person_connects_on_hubspots_page_and_can_then_pull(
    page: Page, served_app: ServedApp, sandbox: SandboxServer, administrator: User
) -> None:
    log_in(page.context, served_app.url, administrator.email, PASSWORD)
    page.goto(f"{served_app.url}/integrations")
    page.get_by_role("link", name="Connect HubSpot").click()
    expect(page.get_by_role("button", name="Pull", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Connect with HubSpot").click()
    expect(page).to_have_url(re.compile(re.escape(f"{sandbox.url}/oauth/authorize?")))
    page.get_by_role("button", name="Grant access").click()
    expect(page).to_have_url(f"{served_app.url}/integrations/hubspot/setup")
    expect(page.get_by_role("status")).to_have_text("Portal 111222 is connected.")
    page.get_by_role("link", name="First Pull").click()
    expect(page.get_by_role("button", name="Pull", exact=True)).to_be_enabled()


def test_a_refusal_on_hubspots_page_leads_back_to_ours(
    page: Page, served_app: ServedApp, administrator: User
) -> None:
    log_in(page.context, served_app.url, administrator.email, PASSWORD)
    page.goto(f"{served_app.url}/integrations/hubspot")
    page.get_by_role("button", name="Connect with HubSpot").click()
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("status")).to_contain_text("Access was not granted on HubSpot's page.")
    expect(page.get_by_label("Access token")).to_be_visible()
    expect(page.get_by_role("button", name="Connect with HubSpot")).to_be_visible()
