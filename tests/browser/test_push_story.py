"""Pushing in a real browser: the blue button with its warning, the red one with the panel beside it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.servers.sandbox_server import SandboxServer

pytestmark = pytest.mark.browser


def test_the_red_button_sends_an_edit_and_tells_of_it_without_a_reload(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    person = sandbox.create(
        "contacts", {"firstname": "Ana", "lastname": "Ito", "email": "a@acme.de"}, [firm["id"]]
    )
    connected.get_by_role("button", name="Pull", exact=True).click()
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    # Else the edit would go by itself, and nothing be left to send.
    connected.goto(f"{served_app.url}/integrations/hubspot")
    connected.get_by_label("Send edits of linked contacts").uncheck()
    connected.get_by_role("button", name="Save switches").click()
    expect(connected.get_by_text("The switches were saved.")).to_be_visible()
    connected.goto(f"{served_app.url}/contacts/1/edit")
    connected.get_by_label("Job title").fill("Head of Sales")
    connected.get_by_role("button", name="Save").click()
    expect(connected.get_by_text("The changes were saved.")).to_be_visible()
    connected.evaluate("document.body.dataset.watched = 'yes'")
    sandbox.fault("status", path="/crm/objects/*", status=502, times=1)
    connected.get_by_role("button", name="Push", exact=True).click()
    panel = connected.get_by_role("region", name="Push to HubSpot")
    expect(panel).to_contain_text("Updated")
    expect(panel.get_by_role("link", name="Open in HubSpot")).to_be_visible()
    expect(connected.locator("body")).to_have_attribute("data-watched", "yes")
    assert sandbox.get("contacts", person["id"])["properties"]["jobtitle"] == "Head of Sales"


def test_the_blue_button_asks_before_the_first_pull_and_then_sends_everything(
    connected: Page, sandbox: SandboxServer, served_app: ServedApp
) -> None:
    connected.goto(f"{served_app.url}/companies/new")
    connected.get_by_role("textbox", name="Name", exact=True).fill("Acme")
    connected.get_by_label("Domain").fill("acme.de")
    connected.get_by_role("button", name="Save").click()
    connected.goto(f"{served_app.url}/integrations/hubspot")
    connected.get_by_role("button", name="Push", exact=True).click()
    expect(connected.get_by_text("We recommend pulling first")).to_be_visible()
    connected.get_by_role("button", name="Push anyway").click()
    expect(connected).to_have_url(re.compile(r"/sync-log/\d+$"))
    expect(connected.locator("#run-badge")).to_contain_text("Finished")
    expect(connected.locator("#count-companies-created")).to_have_text("1")
    expect(connected.locator("#run-mail")).to_contain_text("Mail")
    assert sandbox.counts()["companies"] == 1
