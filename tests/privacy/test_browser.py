"""*Personal data* in a browser: looked up, downloaded and erased, with and without scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.support.pages.axe import violations
from tests.support.pages.browser import SIZES, log_in
from tests.support.samples.factories import make_company, make_connection, make_contact, make_link
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.one_database]


@pytest.mark.parametrize(("size", "has_script"), [("desktop", True), ("phone", False)])
def test_somebody_is_looked_up_handed_out_and_erased(
    browser: Browser, app: Flask, served_pages: str, administrator: User, *, size: str, has_script: bool
) -> None:
    with app.app_context():
        connection = make_connection()
        contact = make_contact(make_company().id, first_name="Eva", last_name="Roth", email="eva@nord.de")
        make_link(connection.id, "contacts", contact.id, "601")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=has_script, locale="en-GB"
    )
    log_in(context, served_pages, administrator.email, PASSWORD)
    page = context.new_page()
    page.goto(f"{served_pages}/personal-data")
    page.get_by_label("E-mail address, or number of a contact").fill("eva@nord.de")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name="Eva Roth")).to_be_visible()
    if has_script:
        assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything (JSON)").click()
    assert "Roth" in json.dumps(json.loads(Path(download.value.path()).read_text()))
    page.get_by_label("Yes, erase this person here").check()
    page.get_by_role("button", name="Erase", exact=True).click()
    expect(page.get_by_text("Erased, as erasure 1.")).to_be_visible()
    expect(page.get_by_text("eva@nord.de")).to_have_count(0)
    context.close()
