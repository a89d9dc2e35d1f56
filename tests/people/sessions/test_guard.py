"""Roles, forged forms, and what browsers are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.app import application
from tests.support.pages.page import read_page
from tests.support.samples.users import PASSWORD, add_user
from webapp.models import User
from webapp.settings import Settings
from webapp.web.access import administrators_only

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def has_own_app() -> bool:
    """They add pages, and ask for tokens."""
    return True


@pytest.fixture
def guarded_client(app: Flask) -> FlaskClient:
    """A client of the application as people meet it: forms need their token."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def token_of(page: str) -> str:
    return read_page(page).all("input", name="csrf_token")[0]["value"]


def test_a_member_is_refused_what_only_administrators_may(
    app: Flask, logged_in: LogIn, member: User, administrator: User
) -> None:
    app.add_url_rule("/only-for-administrators", "probe", administrators_only(lambda: "welcome"))
    assert logged_in(administrator).get("/only-for-administrators").text == "welcome"
    refused = logged_in(member).get("/only-for-administrators")
    assert refused.status_code == 403
    assert "Only administrators can do this." in refused.text


def test_a_form_without_its_token_changes_nothing(guarded_client: FlaskClient, administrator: User) -> None:
    token = token_of(guarded_client.get("/login").text)
    entered = guarded_client.post(
        "/login", data={"email": administrator.email, "password": PASSWORD, "csrf_token": token}
    )
    assert entered.status_code == 303
    forged = guarded_client.post("/companies", data={"name": "Forged"})
    assert forged.status_code == 400
    assert "This form belongs to a session that has ended" in forged.text
    assert "Forged" not in guarded_client.get("/companies").text

    token = token_of(guarded_client.get("/companies/new").text)
    assert guarded_client.post("/companies", data={"name": "Real", "csrf_token": token}).status_code == 303
    assert "Real" in guarded_client.get("/companies").text


def test_htmx_sends_the_token_as_a_header(guarded_client: FlaskClient, administrator: User) -> None:
    token = token_of(guarded_client.get("/login").text)
    guarded_client.post(
        "/login", data={"email": administrator.email, "password": PASSWORD, "csrf_token": token}
    )
    page = guarded_client.get("/companies").text
    header = re.search(r'"X-CSRFToken": "([^"]+)"', page)
    assert header
    answer = guarded_client.post("/companies", data={"name": "A"}, headers={"X-CSRFToken": header[1]})
    assert answer.status_code == 303


def test_a_form_sent_after_the_session_ended_leads_to_the_login_page(guarded_client: FlaskClient) -> None:
    answer = guarded_client.post("/companies", data={"name": "Late"})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_nothing_is_loaded_from_elsewhere_and_nobody_may_frame_a_page(client: FlaskClient) -> None:
    answer = client.get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in answer.headers


def test_a_form_leads_to_hubspot_from_the_page_that_connects_and_from_no_other(
    logged_in: LogIn, administrator: User, settings: Settings
) -> None:
    """Anybody may keep a form at HubSpot, and what is sent to it."""
    client = logged_in(administrator)
    for address, leads_there in (("/integrations/hubspot", True), ("/companies", False), ("/nowhere", False)):
        policy = client.get(address).headers["Content-Security-Policy"]
        [forms] = [part for part in policy.split("; ") if part.startswith("form-action")]
        assert forms.startswith("form-action 'self'"), address
        assert (settings.hubspot_app_url in forms) == leads_there, address


def test_a_page_that_another_site_opens_tells_it_nothing(client: FlaskClient) -> None:
    for address in ("/login", "/companies", "/healthz", "/nowhere"):
        answer = client.get(address)
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", address
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", address


def test_over_https_cookies_are_marked_and_browsers_told_to_stay_there(settings: Settings) -> None:
    with application(replace(settings, public_url="https://book.example.com")) as app:
        answer = app.test_client().get("/login", base_url="https://book.example.com")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert all(mark in cookie for mark in ("Secure", "HttpOnly", "SameSite=Lax"))


@pytest.mark.parametrize(("path", "begins"), [("", "__Host-"), ("/book", "__Secure-")])
def test_over_https_no_neighbour_plants_a_session(settings: Settings, path: str, begins: str) -> None:
    """Browsers take a cookie of such a name from the host that it is for, or over https, and nowhere else."""
    place = "https://book.example.com"
    with application(replace(settings, public_url=f"{place}{path}")) as app:
        add_user(app, "eve@example.com", "Eve", "member")
        eve = app.test_client()
        sent = {"email": "eve@example.com", "password": PASSWORD}
        answer = eve.post(f"{path}/login", data=sent, base_url=place)
        name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
        browser = app.test_client(use_cookies=False)
        seen = {
            one: browser.get(f"{path}/companies", base_url=place, headers={"Cookie": f"{one}={value}"})
            for one in (name, "twinbook_session")
        }
    assert name == f"{begins}twinbook_session"
    marks = {mark.strip() for mark in answer.headers["Set-Cookie"].split(";")}
    assert f"Path={path or '/'}" in marks
    assert not any(mark.startswith("Domain") for mark in marks)
    assert [one.status_code for one in seen.values()] == [200, 303]


def test_static_files_may_be_kept_because_their_address_changes_with_them(client: FlaskClient) -> None:
    sheets = read_page(client.get("/login").text).all("link", rel="stylesheet")
    [address] = [one["href"] for one in sheets if one["href"].startswith("/style.css?v=")]
    answer = client.get(address)
    answer.close()
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "no-store" not in answer.headers["Cache-Control"]


def test_pages_hold_no_inline_script_or_style(logged_in: LogIn, member: User) -> None:
    client = logged_in(member)
    for address in ("/companies", "/contacts/new", "/companies/new", "/nothing-here"):
        page = read_page(client.get(address).text)
        assert not page.has("style"), address
        assert not page.has("script", src=False), address
        forbidden = [
            name for one in page.elements() for name in one.attributes if name == "style" or name[:2] == "on"
        ]
        assert forbidden == [], address
