"""The mapping as it comes alive in a browser."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.applications.services import writing
from tests.support.pages.browser import log_in
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.records.fields import Field
from webapp.models import User
from webapp.store.records import custom_fields

pytestmark = pytest.mark.browser


@pytest.fixture
def mapping_page(
    page: Page,
    app: Flask,
    served_pages: str,
    administrator: User,
    sandbox: SandboxServer,  # noqa: ARG001 - for what it brings about
) -> Page:
    """An administrator on the field mapping of companies, who has defined a choice."""
    with app.app_context():
        pulling.connected()
        with writing() as session:
            level = Field("custom.level", "Level", "choice", 100, ("Tier_1", "Gold"))
            custom_fields.add(session, "companies", level)
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    page.goto(f"{served_pages}/integrations/hubspot/fields/companies")
    return page


def test_options_appear_with_the_property_and_the_field_is_mapped(mapping_page: Page) -> None:
    mapping_page.get_by_role("link", name="Map Level").click()
    mapping_page.get_by_label("Property in HubSpot").select_option("hs_ideal_customer_profile")
    expect(mapping_page.get_by_label("Tier_1")).to_have_value("tier_1")
    mapping_page.get_by_label("Gold").select_option("tier_3")
    mapping_page.get_by_role("button", name="Save").click()
    mapping_page.get_by_role("button", name="Save and apply").click()
    expect(mapping_page.get_by_role("button", name="Pull this field", exact=True)).to_be_visible()
    expect(mapping_page.get_by_label("Gold")).to_have_value("tier_3")


def test_properties_are_found_while_typing(mapping_page: Page) -> None:
    mapping_page.get_by_role("searchbox").fill("linkedin")
    expect(mapping_page.get_by_text("linkedin_company_page", exact=True)).to_be_visible()
    expect(mapping_page.get_by_text("2 properties found.")).to_be_visible()
