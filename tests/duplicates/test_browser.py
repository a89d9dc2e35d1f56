"""Possible duplicates in a browser: gone through by keys, decided on a phone and without script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.pages.browser import PHONE, PLAIN, log_in, overhang, visiting
from tests.support.samples.factories import make_company, make_connection, make_link
from tests.support.samples.users import PASSWORD
from tests.support.usecases.duplicates import ids_listed, list_pair
from webapp.models import User

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask, served_pages: str) -> str:
    """The list, with a group of three companies that look alike, and a pair."""
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
    return f"{served_pages}/duplicates"


def test_the_list_is_gone_through_by_keys(page: Page, address: str, administrator: User, app: Flask) -> None:
    log_in(page.context, address, administrator.email, PASSWORD)
    page.goto(address)
    expect(page.get_by_text("Keys, while a line has the focus")).to_be_visible()
    page.locator("[data-held]").first.focus()
    page.keyboard.press("j")
    expect(page.locator("[data-held]").nth(1)).to_be_focused()
    page.keyboard.press("n")
    expect(page.get_by_role("status")).to_contain_text("Remembered as not the same")
    page.wait_for_load_state()
    with app.app_context():
        assert ids_listed("not_the_same") == [(4, 5)]
    page.locator("[data-held]").first.focus()
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/duplicates/\d+$"))
    page.locator("[data-held]").focus()
    page.keyboard.press("m")
    expect(page.get_by_role("status")).to_contain_text("They are now one record")


def test_a_group_is_merged_on_a_phone(browser: Browser, address: str, administrator: User) -> None:
    with visiting(browser, address, administrator.email, PASSWORD, PHONE) as page:
        for path in ("/bulk", "/merged", ""):
            page.goto(f"{address}{path}")
            expect(page.locator("main h1")).to_have_count(1)
            assert overhang(page) <= 0, path
        page.get_by_role("link", name=re.compile("^Side by side.*Nordlicht")).click()
        expect(page.get_by_role("heading", name="3 companies that look alike")).to_be_visible()
        assert overhang(page) <= 0
        # Each value says whose it is, as the heads of the columns are not shown.
        page.get_by_role("radio", name=re.compile("^stays.*Verlag GmbH$")).check()
        page.get_by_role(
            "radio", name="City of Nordlicht Buchverlag & Medien GmbH & Co. KG: Kiel-Wik"
        ).check()
        page.get_by_role("button", name="Merge here", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("They are now one record")
        page.goto(address.replace("/duplicates", "/companies/1"))
        expect(page.get_by_role("heading", name="Nordlicht Verlag GmbH", level=1)).to_be_visible()
        expect(page.locator("main")).to_contain_text("Kiel-Wik")


def test_without_script_pairs_are_kept_apart_asked_about_again_and_merged(
    browser: Browser, address: str, administrator: User
) -> None:
    with visiting(browser, address, administrator.email, PASSWORD, PLAIN) as page:
        expect(page.get_by_text("Keys, while a line has the focus")).to_be_hidden()
        page.get_by_role("button", name=re.compile("^Not the same.*Ulme")).click()
        expect(page.get_by_role("status")).to_contain_text("Remembered as not the same")
        expect(page.get_by_role("link", name="Ulme", exact=True)).to_have_count(0)
        page.get_by_role("navigation").get_by_role("link", name="Not the same").click()
        page.get_by_role("button", name=re.compile("^Ask again.*Ulme")).click()
        page.goto(address)
        page.get_by_role("link", name=re.compile("^Side by side.*Ulme")).click()
        page.get_by_role("radio", name="Name of Ulmen: Ulmen").check()
        page.get_by_role("button", name="Merge here", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("They are now one record")
