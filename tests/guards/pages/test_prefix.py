"""Below a path of its host, as PUBLIC_URL may say, every address of every page leads back below it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.pages.pages import PAGES
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from webapp.models.people.users import User
from webapp.settings import Settings

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
COOKIE = "__Secure-twinbook_session"
PREFIX = "/book"
ADDRESSES = ("href", "src", "action", "formaction", "sse-connect", "poster", "data-address")
BARE = re.compile(
    r"""(?:href|src|action|hx-[a-z-]+|sse-connect)=["']/|url\(/|"""
    r"""fetch\(["'`]/|location(?:\.href)? ?= ?["'`]/"""
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, public_url=f"https://example.com{PREFIX}")


@pytest.fixture
def page(app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    with app.app_context():
        fill(make_connection().id, administrator.id)
    return logged_in(administrator)


def leading_away(html: str) -> list[str]:
    """The addresses of a page that begin at the root of the host, and not with the prefix."""
    found = []
    for element in read_page(html).elements():
        for name, value in element.attributes.items():
            is_address = name in ADDRESSES or name.startswith("hx-")
            if is_address and value.startswith("/") and not value.startswith((f"{PREFIX}/", "//")):
                found += [] if value == PREFIX else [f"{element.name} {name}={value}"]
    return found


def test_every_address_of_every_page_is_below_the_prefix(page: FlaskClient) -> None:
    wrong, seen = {}, 0
    for address in PAGES:
        if address.endswith("/stream"):
            continue
        answer = page.get(f"{PREFIX}{address}")
        assert answer.status_code in (200, 303, 404), address
        if answer.status_code == 303:
            assert answer.location.startswith(PREFIX), address
        seen += answer.text.count(f'"{PREFIX}/')
        if found := leading_away(answer.text):
            wrong[address] = found
    assert wrong == {}
    assert seen > 1000


def test_whether_the_proxy_takes_the_prefix_off_makes_no_difference(page: FlaskClient) -> None:
    assert page.get("/companies").text.count(f"{PREFIX}/companies") > 1
    assert page.get(f"{PREFIX}/healthz").status_code == page.get("/healthz").status_code == 200
    assert page.get(f"{PREFIX}").status_code == 200
    assert page.get(f"{PREFIX}shelf").status_code == 404


def test_what_is_kept_for_when_the_server_is_away_is_below_the_prefix(page: FlaskClient) -> None:
    script = read_page(page.get(f"{PREFIX}/").text).one("body")["data-offline"]
    assert script.startswith(f"{PREFIX}/"), "a browser lets it speak for pages below its own folder alone"
    found = re.search(r"KEPT = (\[.*?\]);", page.get(script).text)
    assert found
    kept = json.loads(found[1])
    assert len(kept) == 3
    for address in kept:
        assert (address.startswith(f"{PREFIX}/"), page.get(address).status_code) == (True, 200), address


def test_the_log_in_leads_back_below_the_prefix(client: FlaskClient) -> None:
    answer = client.get(f"{PREFIX}/companies?q=a")
    assert answer.location.startswith(f"{PREFIX}/login?next={PREFIX}/companies"), answer.location
    assert client.get(f"{PREFIX}/").location == f"{PREFIX}/login"


def test_the_cookie_is_for_the_prefix_alone(page: FlaskClient) -> None:
    assert page.get_cookie(COOKIE, path=PREFIX) is not None
    assert page.get_cookie(COOKIE) is None


def test_what_hubspot_is_told_has_the_prefix_once(page: FlaskClient) -> None:
    text = page.get(f"{PREFIX}/integrations/hubspot").text
    assert f"https://example.com{PREFIX}/webhooks/hubspot" in text
    assert f"{PREFIX}{PREFIX}" not in text


def test_nobody_outside_chooses_the_prefix(page: FlaskClient) -> None:
    text = page.get("/companies", headers={"X-Forwarded-Prefix": "/evil", "Script-Name": "/evil"}).text
    assert "evil" not in text


def test_no_template_or_script_has_an_address_of_its_own() -> None:
    files = [*ROOT.glob("templates/**/*"), *ROOT.glob("static/*.js"), *ROOT.glob("static/pages/*.js")]
    files += ROOT.glob("static/**/*.css")
    texts = {path: path.read_text() for path in files if path.is_file()}
    assert len(texts) > 100
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if BARE.search(text)] == []


@pytest.mark.parametrize("root", ["", "/evil"])
def test_below_which_path_it_stands_is_nobody_elses_word(app: Flask, page: FlaskClient, root: str) -> None:
    cookie = page.get_cookie(COOKIE, path=PREFIX)
    assert cookie is not None
    # A client with cookies of its own would tell where the application stands.
    server = app.test_client(use_cookies=False)
    for path in ("/companies", f"{PREFIX}/companies"):
        environ = {"SCRIPT_NAME": root, "PATH_INFO": path, "HTTP_COOKIE": f"{COOKIE}={cookie.value}"}
        answer = server.get(path, environ_overrides=environ)
        assert answer.status_code == 200
        assert leading_away(answer.text) == []
