"""The journeys of people in a browser: invited, forgetful, logged out elsewhere, in the middle of typing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.support.browser import SIZES, log_in
from tests.support.factories import make_company
from tests.support.served import ServedApp
from tests.support.services import current_services
from tests.support.smtp import Mailbox
from tests.support.users import PASSWORD
from webapp.models import User
from webapp.usecases.people import sessions

pytestmark = pytest.mark.browser

NEW = "four words of nothing"
WAYS = pytest.mark.parametrize(("size", "has_script"), [("desktop", True), ("phone", True), ("phone", False)])
NewContext = Callable[[], BrowserContext]


@pytest.fixture
def size() -> str:
    return "desktop"


@pytest.fixture
def has_script() -> bool:
    return True


@pytest.fixture
def new_context(browser: Browser, size: str, *, has_script: bool) -> Iterator[NewContext]:
    """Makes browsers of that size, with or without script."""
    made: list[BrowserContext] = []

    def make() -> BrowserContext:
        width, height = SIZES[size]
        made.append(
            browser.new_context(
                viewport={"width": width, "height": height}, java_script_enabled=has_script, locale="en-GB"
            )
        )
        return made[-1]

    yield make
    for context in made:
        context.close()


def link_in(mailbox: Mailbox, subject: str) -> str:
    """The path of the link in the mail with that subject, as soon as it has come."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for mail in mailbox.messages:
            body = mail.get_body(("plain",))
            if mail["Subject"] == subject and body is not None:
                found = re.search(r"https?://\S*/choose-password/\S+", body.get_content())
                assert found
                return urlsplit(found[0]).path
        time.sleep(0.1)
    raise AssertionError(f"no mail about: {subject}")


def choose(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("The same again").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set")


def enter(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@WAYS
def test_somebody_is_invited_chooses_a_password_and_logs_in(
    new_context: NewContext, served_app: ServedApp, mailbox: Mailbox, administrator: User
) -> None:
    context = new_context()
    log_in(context, served_app.url, administrator.email, PASSWORD)
    page = context.new_page()
    page.goto(f"{served_app.url}/people")
    page.get_by_label("Name", exact=True).fill("Ida Neu")
    page.get_by_label("E-mail").fill("ida@example.com")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("on its way to ida@example.com")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invited")
    path = link_in(mailbox, "You are invited to Twinbook")
    guest = new_context().new_page()
    choose(guest, served_app.url + path)
    enter(guest, "ida@example.com", NEW)
    expect(guest.get_by_text("Ida Neu").first).to_be_attached()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")


@WAYS
def test_a_forgotten_password_is_chosen_anew(
    new_context: NewContext, served_app: ServedApp, mailbox: Mailbox, member: User
) -> None:
    page = new_context().new_page()
    page.goto(f"{served_app.url}/login")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    choose(page, served_app.url + link_in(mailbox, "Choose a new password for Twinbook"))
    enter(page, member.email, NEW)
    expect(page.get_by_text("Mem Member").first).to_be_attached()


@WAYS
def test_a_session_elsewhere_is_ended_from_the_profile(
    new_context: NewContext, served_app: ServedApp, member: User
) -> None:
    here, there = new_context(), new_context()
    for context in (here, there):
        log_in(context, served_app.url, member.email, PASSWORD)
    page, other = here.new_page(), there.new_page()
    other.goto(f"{served_app.url}/companies")
    page.goto(f"{served_app.url}/profile")
    expect(page.locator(".session-list li")).to_have_count(2)
    page.get_by_role("button", name="End all the others").click()
    expect(page.locator(".session-list li")).to_have_count(1)
    other.goto(f"{served_app.url}/contacts")
    expect(other.get_by_role("heading", level=1)).to_have_text("Log in")
    page.goto(f"{served_app.url}/contacts")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Contacts")


@WAYS
def test_what_was_typed_survives_the_end_of_the_session(
    new_context: NewContext, served_app: ServedApp, app: Flask, member: User
) -> None:
    context = new_context()
    log_in(context, served_app.url, member.email, PASSWORD)
    page = context.new_page()
    page.goto(f"{served_app.url}/companies/new")
    page.locator("[name=name]").fill("Nordlicht & Söhne")
    page.locator("[name=description]").fill("First line\n<b>second</b> line")
    with app.app_context():
        sessions.end_all(current_services(), member.id)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What you typed is kept for an hour")).to_be_visible()
    enter(page, member.email, PASSWORD)
    expect(page.get_by_text("nothing was saved yet")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Nordlicht & Söhne")
    expect(page.locator("[name=description]")).to_have_value("First line\n<b>second</b> line")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nordlicht & Söhne")


def test_the_browser_asks_before_an_edited_form_is_left(
    new_context: NewContext, served_app: ServedApp, app: Flask, member: User
) -> None:
    with app.app_context():
        make_company(name="Before")
    context = new_context()
    log_in(context, served_app.url, member.email, PASSWORD)
    page = context.new_page()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    edit = f"{served_app.url}/companies/1/edit"
    page.goto(edit)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Before")
    assert asked == [], "nothing was typed"
    page.goto(edit)
    page.locator("[name=name]").fill("")
    page.locator("[name=name]").press_sequentially("After")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("[name=name]")).to_have_value("After")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("After")
    assert asked == ["beforeunload"], "who saves is not asked"


def test_what_was_refused_or_put_back_is_asked_about_too(
    new_context: NewContext, served_app: ServedApp, member: User
) -> None:
    context = new_context()
    log_in(context, served_app.url, member.email, PASSWORD)
    page = context.new_page()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto(f"{served_app.url}/companies/new")
    page.locator("[name=employees]").press_sequentially("many")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Nothing was saved yet")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Companies")
    assert asked == ["beforeunload"]


def test_looking_for_something_is_no_edit(
    new_context: NewContext, served_app: ServedApp, administrator: User
) -> None:
    context = new_context()
    log_in(context, served_app.url, administrator.email, PASSWORD)
    page = context.new_page()
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto(f"{served_app.url}/audit")
    page.get_by_label("About").select_option("rules")
    expect(page.get_by_text("Nothing to tell")).to_be_visible()
    page.goto(f"{served_app.url}/companies")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Companies")
    assert asked == []


@pytest.mark.parametrize("size", ["phone"])
@pytest.mark.parametrize(
    "path", ["/people", "/people/1", "/profile", "/audit", "/settings", "/login", "/forgotten-password"]
)
def test_no_page_is_wider_than_a_phone(
    new_context: NewContext, served_app: ServedApp, administrator: User, path: str
) -> None:
    context = new_context()
    if path not in ("/login", "/forgotten-password"):
        log_in(context, served_app.url, administrator.email, PASSWORD)
    page = context.new_page()
    page.goto(f"{served_app.url}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("main h1").count() == 1
