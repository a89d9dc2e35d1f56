"""The mapping of fields and statuses in a browser: alive, on a phone, and without script."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.applications.services import writing
from tests.support.pages.browser import PHONE, PLAIN, log_in, overhang, visiting
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.records.fields import Field
from webapp.models import User
from webapp.store.records import custom_fields

pytestmark = pytest.mark.browser


@pytest.fixture
def address(
    app: Flask,
    served_pages: str,
    sandbox: SandboxServer,  # noqa: ARG001 - for what it brings about
) -> str:
    """The field mapping of companies, for which a choice was defined."""
    with app.app_context():
        pulling.connected()
        with writing() as session:
            level = Field("custom.level", "Level", "choice", 100, ("Tier_1", "Gold"))
            custom_fields.add(session, "companies", level)
    return f"{served_pages}/integrations/hubspot/fields/companies"


@pytest.fixture
def mapping_page(page: Page, address: str, administrator: User) -> Page:
    """An administrator who looks at it."""
    log_in(page.context, address, administrator.email, PASSWORD)
    page.goto(address)
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


@pytest.mark.parametrize("kind", [PHONE, PLAIN], ids=["phone", "plain"])
def test_a_field_and_a_status_are_mapped(
    browser: Browser, address: str, administrator: User, kind: dict[str, Any]
) -> None:
    with visiting(browser, address, administrator.email, PASSWORD, kind) as page:
        assert overhang(page) <= 0
        page.get_by_role("link", name="Map Level").click()
        page.get_by_label("Property in HubSpot").select_option("hs_ideal_customer_profile")
        if kind is PLAIN:
            page.get_by_role("button", name="Check").click()
        page.get_by_label("Gold").select_option("tier_3")
        assert overhang(page) <= 0
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Level")
        assert overhang(page) <= 0
        page.get_by_role("button", name="Save and apply").click()
        expect(page.get_by_label("Gold")).to_have_value("tier_3")
        page.goto(address)
        page.get_by_role("navigation", name="Mapping").get_by_role("link", name="Statuses").click()
        companies = page.get_by_role("region", name="Companies")
        companies.get_by_label("Subscriber comes in as").select_option("Customer")
        companies.get_by_role("radio", name="Lead is sent as Subscriber").check()
        assert overhang(page) <= 0
        companies.get_by_role("button", name="Show the round trips").click()
        expect(
            companies.get_by_text("keeps changing").or_(companies.get_by_text("settles")).first
        ).to_be_visible()
        assert overhang(page) <= 0
        companies.get_by_role("button", name="Save the statuses of companies").click()
        expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
        page.get_by_role("button", name="Save and apply").click()
        expect(companies.get_by_label("Subscriber comes in as")).to_have_value("Customer")
        expect(companies.get_by_role("radio", name="Lead is sent as Subscriber")).to_be_checked()
