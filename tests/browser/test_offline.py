"""What a browser shows while the server does not answer."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.support.threaded import serving

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]


def test_while_the_server_is_away_a_page_of_ours_says_so(app: Flask, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    with serving(app) as address:
        page.goto(f"{address}/login")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{address}/companies")
    expect(page.get_by_role("heading", name="Twinbook cannot be reached")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.problem')).display") == "grid"
    context.close()
