"""What every story in a browser starts from."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.applications.served import ServedApp
from tests.support.pages.browser import log_in
from tests.support.samples.users import PASSWORD
from webapp.models.people.users import User


@pytest.fixture
def signed_in(page: Page, served_app: ServedApp, administrator: User) -> Page:
    """A browser in which an administrator has logged in."""
    log_in(page.context, served_app.url, administrator.email, PASSWORD)
    return page


@pytest.fixture
def connected(signed_in: Page, served_app: ServedApp) -> Page:
    """The same, connected by OAuth through the portal's own page, on the page of the connection."""
    signed_in.goto(f"{served_app.url}/integrations/hubspot")
    signed_in.get_by_role("button", name="Connect with HubSpot").click()
    signed_in.get_by_role("button", name="Grant access").click()
    expect(signed_in).to_have_url(re.compile("/integrations/hubspot/setup"))
    signed_in.goto(f"{served_app.url}/integrations/hubspot")
    expect(signed_in.get_by_role("button", name="Pull", exact=True)).to_be_enabled()
    return signed_in
