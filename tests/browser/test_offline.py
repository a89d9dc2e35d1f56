"""What a browser shows while the server does not answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Error, Page, expect

from tests.support.applications.threaded import serving
from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_connection
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]


def _bad_gateway(_environ: Any, start_response: Any) -> list[bytes]:
    """The answer of a proxy whose server is away."""
    start_response("502 Bad Gateway", [("Content-Type", "text/html")])
    return [b"<h1>Bad Gateway</h1>"]


def _open_with_worker(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def _expect_our_page(page: Page) -> None:
    expect(page.get_by_role("heading", name="Twinbook cannot be reached")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.problem')).display") == "grid"


def test_while_the_server_is_away_a_page_of_ours_says_so(app: Flask, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    with serving(app) as address:
        _open_with_worker(page, address)
    page.goto(f"{address}/companies")
    _expect_our_page(page)
    context.close()


def test_so_it_does_while_a_proxy_answers_for_it(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = browser.new_context()
    page = context.new_page()
    with serving(app) as address:
        _open_with_worker(page, address)
        monkeypatch.setattr(app, "wsgi_app", _bad_gateway)
        page.goto(f"{address}/companies")
        _expect_our_page(page)
        monkeypatch.undo()
        page.goto(f"{address}/login")
        expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
        context.close()


def test_a_search_without_an_answer_says_so_until_the_next_answer(
    app: Flask, browser: Browser, administrator: User
) -> None:
    context = browser.new_context(service_workers="block")
    with serving(app) as address:
        log_in(context, address, administrator.email, PASSWORD)
        page = context.new_page()
        page.goto(f"{address}/companies")
        context.set_offline(True)
        page.get_by_role("searchbox").fill("nord")
        expect(page.get_by_text("The server did not answer.")).to_be_visible()
        context.set_offline(False)
        page.get_by_role("searchbox").fill("nordl")
        expect(page.get_by_text("The server did not answer.")).to_have_count(0)
        context.close()


def test_the_page_of_a_proxy_takes_no_parts_place_and_what_is_typed_stays(
    app: Flask, browser: Browser, administrator: User
) -> None:
    """While the server starts again, the proxy in front of it answers."""
    with app.app_context():
        make_connection()
    context = browser.new_context(service_workers="block")
    with serving(app) as address:
        log_in(context, address, administrator.email, PASSWORD)
        page = context.new_page()
        page.goto(f"{address}/integrations/hubspot/rules/companies/in")
        page.get_by_role("button", name="Add a condition").click()
        page.get_by_label("Value of condition 1").fill("Nordwind")
        page.route(
            "**/rules/companies/in", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>")
        )
        field = page.get_by_label("Field of condition 1")
        field.focus()
        field.select_option("country")
        expect(page.get_by_text("The server did not answer")).to_be_visible()
        expect(page.get_by_text("Bad Gateway")).to_have_count(0)
        expect(page.get_by_label("Value of condition 1")).to_have_value("Nordwind")
        expect(field).to_be_focused()
        page.unroute("**/rules/companies/in")
        field.select_option("city")
        expect(page.get_by_text("The server did not answer")).to_have_count(0)
        context.close()


def _warns_before_leaving(page: Page) -> bool:
    """Whether the browser warns before it leaves the page, which then stays."""
    warnings: list[str] = []

    def stay(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    with suppress(Error):  # the page that is not left
        page.goto("about:blank", timeout=3000)
    page.remove_listener("dialog", stay)
    return warnings == ["beforeunload"]


@pytest.mark.parametrize("is_away", [False, True], ids=["proxy", "nothing"])
def test_a_form_that_met_no_server_stays_with_what_was_typed(
    app: Flask, browser: Browser, administrator: User, monkeypatch: pytest.MonkeyPatch, *, is_away: bool
) -> None:
    """A page that follows, as most forms have it: what was sent is still there to be sent again."""
    context = browser.new_context()
    with serving(app) as address:
        log_in(context, address, administrator.email, PASSWORD)
        page = context.new_page()
        page.goto(f"{address}/companies/new")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        page.locator("#name").fill("Nordlicht")
        if is_away:
            context.set_offline(True)
        else:
            monkeypatch.setattr(app, "wsgi_app", _bad_gateway)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("this may not have been saved")).to_be_visible()
        expect(page.locator("#name")).to_have_value("Nordlicht")
        assert _warns_before_leaving(page)
        context.set_offline(False)
        monkeypatch.undo()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", name="Nordlicht")).to_be_visible()
        context.close()


def test_a_part_that_was_sent_in_vain_stays_and_says_so(
    app: Flask, browser: Browser, administrator: User
) -> None:
    with app.app_context():
        make_company(name="Nord")
        make_connection()
    context = browser.new_context(service_workers="block")
    with serving(app) as address:
        log_in(context, address, administrator.email, PASSWORD)
        page = context.new_page()
        page.goto(f"{address}/companies/1")
        page.route(
            "**/companies/1/push", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>")
        )
        page.locator("#push-button").click()
        expect(page.get_by_text("this may not have been saved")).to_be_visible()
        expect(page.locator("#push-button")).to_be_focused()
        context.close()
