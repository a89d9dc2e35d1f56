"""Possible duplicates in a browser: gone through by keys, on a phone as well."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_connection, make_link
from tests.support.samples.users import PASSWORD
from tests.support.usecases.duplicates import ids_listed, list_pair
from webapp.models import User

pytestmark = pytest.mark.browser


@pytest.fixture
def visiting(page: Page, app: Flask, served_pages: str, administrator: User) -> Page:
    """An administrator's browser, a group of three companies that look alike, and a pair."""
    with app.app_context():
        connection_id = make_connection().id
        shared = {"domain": None, "street": "Holtenauer Straße 112", "country": "Germany"}
        names = ("Nordlicht Verlag GmbH", "Nordlicht Verlag", "Nordlicht Buchverlag & Medien GmbH & Co. KG")
        numbers = [
            make_company(name=name, **shared, city=city).id
            for name, city in zip(names, ("Kiel", None, "Kiel-Wik"), strict=True)
        ]
        list_pair("companies", *numbers[:2], points=30, evidence=("same_name", "same_address"))
        list_pair("companies", *numbers[1:], points=20, evidence=("near_company_name", "same_address"))
        list_pair(
            "companies",
            *(make_company(name=name, domain=None, phone="0731 1").id for name in ("Ulme", "Ulmen")),
        )
        for place, number in enumerate(numbers[:2]):
            make_link(connection_id, "companies", number, f"9000{place}")
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    return page


def test_the_list_is_gone_through_by_keys(visiting: Page, served_pages: str, app: Flask) -> None:
    visiting.goto(f"{served_pages}/duplicates")
    expect(visiting.get_by_text("Keys, while a line has the focus")).to_be_visible()
    visiting.locator("[data-held]").first.focus()
    visiting.keyboard.press("j")
    expect(visiting.locator("[data-held]").nth(1)).to_be_focused()
    visiting.keyboard.press("n")
    expect(visiting.get_by_role("status")).to_contain_text("Remembered as not the same")
    visiting.wait_for_load_state()
    with app.app_context():
        assert ids_listed("not_the_same") == [(4, 5)]
    visiting.locator("[data-held]").first.focus()
    visiting.keyboard.press("o")
    visiting.wait_for_url(re.compile(r"/duplicates/\d+$"))
    visiting.locator("[data-held]").focus()
    visiting.keyboard.press("m")
    expect(visiting.get_by_role("status")).to_contain_text("They are now one record")


def test_no_page_is_wider_than_a_phone(visiting: Page, served_pages: str) -> None:
    visiting.set_viewport_size({"width": 390, "height": 844})
    for path in ("/duplicates", "/duplicates/1", "/duplicates/bulk", "/duplicates/merged"):
        visiting.goto(f"{served_pages}{path}")
        assert visiting.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert visiting.evaluate("document.querySelectorAll('main h1').length") == 1, path
