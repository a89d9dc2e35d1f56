"""What a browser shows while the server does not answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.support.applications.threaded import serving
from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]


class _Proxy(BaseHTTPRequestHandler):
    """A proxy whose server is away."""

    def do_GET(self) -> None:
        self.send_error(502)

    def log_message(self, *_args: object) -> None:
        """Nothing: only tests ask."""


@contextmanager
def _proxy_at(address: str) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", int(address.rpartition(":")[2])), _Proxy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("has_proxy", [False, True])
def test_while_the_server_is_away_a_page_of_ours_says_so(
    app: Flask, browser: Browser, *, has_proxy: bool
) -> None:
    context = browser.new_context()
    page = context.new_page()
    with serving(app) as address:
        page.goto(f"{address}/login")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    with _proxy_at(address) if has_proxy else nullcontext():
        page.goto(f"{address}/companies")
        expect(page.get_by_role("heading", name="Twinbook cannot be reached")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('.problem')).display") == "grid"
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
        expect(page.get_by_text("The server did not answer.")).to_be_visible()
        expect(page.get_by_text("Bad Gateway")).to_have_count(0)
        expect(page.get_by_label("Value of condition 1")).to_have_value("Nordwind")
        expect(field).to_be_focused()
        page.unroute("**/rules/companies/in")
        field.select_option("city")
        expect(page.get_by_text("The server did not answer.")).to_have_count(0)
        context.close()
