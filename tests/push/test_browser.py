"""The red Push of one record in a browser: within reach of the thumb, and without script."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.pages.browser import PHONE, PLAIN, overhang, visiting
from tests.support.samples.factories import make_company
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects
from webapp.models import Run, User

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask, with_key: int, served_pages: str) -> str:
    """The page of a company that HubSpot does not have yet, with more on it than a phone shows at once."""
    assert with_key
    with app.app_context():
        make_company(name="Nord", description="A line.\n" * 60)
    return f"{served_pages}/companies/1"


def _press_push(page: Page) -> None:
    page.get_by_role("button", name="Push", exact=True).click()
    expect(page.get_by_role("region", name="Push to HubSpot")).to_contain_text("Waiting for a worker")
    [run] = pulling.all_rows(Run)
    assert pulling.worked_off(run.id).state == "finished"


def test_on_a_phone_the_red_push_stays_in_view(
    browser: Browser, address: str, member: User, sandbox: SandboxServer
) -> None:
    with visiting(browser, address, member.email, PASSWORD, PHONE) as page:
        push = page.get_by_role("button", name="Push", exact=True)
        for place in ("0", "document.body.scrollHeight / 3", "document.body.scrollHeight"):
            page.evaluate(f"window.scrollTo(0, {place})")
            expect(push).to_be_in_viewport(ratio=1)
        assert page.evaluate("window.scrollY") > 0, "there is something to scroll"
        assert overhang(page) <= 0
        _press_push(page)
        panel = page.get_by_role("region", name="Push to HubSpot")
        expect(panel).to_contain_text("Created")
        expect(panel).to_be_in_viewport(ratio=1)
        assert overhang(page) <= 0
    assert len(objects(sandbox, "companies")) == 1


def test_without_script_a_press_tells_how_it_goes_and_how_it_went(
    browser: Browser, address: str, member: User, sandbox: SandboxServer
) -> None:
    with visiting(browser, address, member.email, PASSWORD, PLAIN) as page:
        _press_push(page)
        panel = page.get_by_role("region", name="Push to HubSpot")
        panel.get_by_role("link", name="Refresh").click()
        expect(panel).to_contain_text("Created")
        expect(panel.get_by_role("link", name="Refresh")).to_have_count(0)
    assert len(objects(sandbox, "companies")) == 1
