"""A page speaks with the server that it came from, and with nobody else."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.pages.browser import log_in
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from webapp.models.people.users import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]


def test_no_kind_of_page_asks_anybody_but_its_own_server(
    page: Page, app: Flask, served_pages: str, administrator: User
) -> None:
    with app.app_context():
        fill(make_connection().id, administrator.id)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{served_pages}/login")
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    for path in ("/", "/companies", "/contacts/1", "/sync-log/1", "/integrations/hubspot", "/help/guide"):
        page.goto(f"{served_pages}{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_text("The list of companies", exact=True).click()  # A picture.
    page.get_by_role("img", name="The list of companies").evaluate("image => image.decode()")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()
    own = urlsplit(served_pages).netloc
    assert {urlsplit(one).path.rpartition(".")[2] for one in requested} >= {"js", "png"}, (
        "all that is requested is seen"
    )
    assert [one for one in requested if urlsplit(one).netloc != own] == []
