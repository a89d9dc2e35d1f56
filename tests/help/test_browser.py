"""The help in a browser: its pictures are there for whoever opens them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.pages.browser import log_in
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]


def test_a_picture_is_fetched_once_it_is_opened(page: Page, served_pages: str, member: User) -> None:
    """A browser fetches pictures that it is to fetch late long before somebody scrolls to them."""
    log_in(page.context, served_pages, member.email, PASSWORD)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/pictures/" in request.url else None)
    page.goto(f"{served_pages}/help/guide", wait_until="networkidle")
    expect(page.locator("article details")).to_have_count(7)
    assert fetched == []
    page.get_by_text("The list of companies", exact=True).click()
    shown = page.get_by_role("img", name="The list of companies")
    expect(shown).to_be_visible()
    shown.evaluate("image => image.decode()")
    assert [address.rsplit("/", 1)[1] for address in fetched] == ["companies.png"]
