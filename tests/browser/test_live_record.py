"""An open record page changes by itself when somebody edits in HubSpot (B19, B21)."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.servers.sandbox_server import SandboxServer

pytestmark = pytest.mark.browser


def test_an_edit_on_the_portals_page_is_seen_on_the_open_page_here(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    values = {"firstname": "Ana", "lastname": "Ito", "email": "a@acme.de", "jobtitle": "Buyer"}
    person = sandbox.create("contacts", values, [firm["id"]])
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    sandbox.settings(webhook_url=f"{served_app.url}/webhooks/hubspot", webhook_delay_s=0)
    connected.goto(f"{served_app.url}/contacts/1")
    connected.evaluate("document.body.dataset.watched = 'yes'")
    expect(connected.locator("#details")).to_contain_text("Buyer")

    portal = connected.context.new_page()
    portal.goto(f"{sandbox.url}/contacts/111222/record/0-1/{person['id']}")
    portal.get_by_label("Job title").fill("Head of Sales")
    portal.get_by_role("button", name="Save").click()
    expect(portal.get_by_text("Saved.")).to_be_visible()

    expect(connected.locator("#details")).to_contain_text("Head of Sales")
    expect(connected.locator("#sync-panel")).to_contain_text("Updated")
    expect(connected.locator("#record-spoken")).to_have_text("The values on this page have changed.")
    expect(connected.locator("body")).to_have_attribute("data-watched", "yes")
    sandbox.settings(webhook_url=None)
