"""The journeys of people in a browser: invited, forgetful, logged out elsewhere, in the middle of typing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from tests.support.applications.services import current_services
from tests.support.pages.browser import SIZES, log_in
from tests.support.samples.factories import make_company, make_connection
from tests.support.samples.users import PASSWORD
from tests.support.servers.smtp import Mailbox
from tests.support.usecases.mailed_links import link_in, sent
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


def page_of(new_context: NewContext, address: str, user: User) -> Page:
    """A page of a browser in which a person has logged in."""
    context = new_context()
    log_in(context, address, user.email, PASSWORD)
    return context.new_page()


def answered(page: Page, answer: Callable[[Dialog], None]) -> list[str]:
    """What the browser asks on this page; each question is answered so."""
    questions: list[str] = []

    def note(dialog: Dialog) -> None:
        questions.append(dialog.type)
        answer(dialog)

    page.on("dialog", note)
    return questions


def choose(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("Repeat the password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set")


def enter(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@WAYS
def test_somebody_is_invited_chooses_a_password_and_logs_in(
    new_context: NewContext, served_pages: str, app: Flask, mailbox: Mailbox, administrator: User
) -> None:
    page = page_of(new_context, served_pages, administrator)
    page.goto(f"{served_pages}/people")
    page.get_by_label("Name", exact=True).fill("Ida Neu")
    page.get_by_label("E-mail").fill("ida@example.com")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_contain_text("on its way to ida@example.com")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invited")
    sent(app)
    assert mailbox.messages[-1]["Subject"] == "You have been invited to Twinbook"
    guest = new_context().new_page()
    choose(guest, served_pages + link_in(mailbox))
    enter(guest, "ida@example.com", NEW)
    expect(guest.get_by_text("Ida Neu").first).to_be_attached()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")


@WAYS
def test_a_forgotten_password_is_chosen_anew(
    new_context: NewContext, served_pages: str, app: Flask, mailbox: Mailbox, member: User
) -> None:
    page = new_context().new_page()
    page.goto(f"{served_pages}/login")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    sent(app)
    assert mailbox.messages[-1]["Subject"] == "Choose a new password for Twinbook"
    choose(page, served_pages + link_in(mailbox))
    enter(page, member.email, NEW)
    expect(page.get_by_text("Mem Member").first).to_be_attached()


@WAYS
def test_a_session_elsewhere_is_ended_from_the_profile(
    new_context: NewContext, served_pages: str, member: User
) -> None:
    here, there = new_context(), new_context()
    for context in (here, there):
        log_in(context, served_pages, member.email, PASSWORD)
    page, other = here.new_page(), there.new_page()
    other.goto(f"{served_pages}/companies")
    page.goto(f"{served_pages}/profile")
    expect(page.locator(".session-list li")).to_have_count(2)
    page.get_by_role("button", name="End all the others").click()
    expect(page.locator(".session-list li")).to_have_count(1)
    other.goto(f"{served_pages}/contacts")
    expect(other.get_by_role("heading", level=1)).to_have_text("Log in")
    page.goto(f"{served_pages}/contacts")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Contacts")


@WAYS
def test_what_was_typed_survives_the_end_of_the_session(
    new_context: NewContext, served_pages: str, app: Flask, member: User
) -> None:
    page = page_of(new_context, served_pages, member)
    page.goto(f"{served_pages}/companies/new")
    page.locator("[name=name]").fill("Nordlicht & Söhne")
    page.locator("[name=description]").fill("First line\n<b>second</b> line")
    with app.app_context():
        sessions.end_all(current_services(), member.id)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What you typed is kept for an hour")).to_be_visible()
    enter(page, member.email, PASSWORD)
    expect(page.get_by_text("nothing has been saved yet")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Nordlicht & Söhne")
    expect(page.locator("[name=description]")).to_have_value("First line\n<b>second</b> line")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nordlicht & Söhne")


def test_a_live_page_says_that_its_person_was_logged_out(
    new_context: NewContext, served_pages: str, app: Flask, member: User
) -> None:
    with app.app_context():
        make_connection()
    page = page_of(new_context, served_pages, member)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    with page.expect_response("**/stream"):
        page.goto(served_pages)
    with app.app_context():
        sessions.end_all(current_services(), member.id)
    notice = page.get_by_role("alert").filter(has_text="You were logged out.")
    expect(notice).to_be_visible()
    assert not [text for text in complaints if "MIME type" in text], "it got a page in place of a stream"
    notice.get_by_role("link", name="Log in").click()
    enter(page, member.email, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_what_is_being_typed_stays_when_the_page_hears_that_its_session_is_over(
    new_context: NewContext, served_pages: str, app: Flask, member: User
) -> None:
    page = page_of(new_context, served_pages, member)
    page.goto(f"{served_pages}/companies/new")
    page.locator("[name=name]").fill("Nordlicht")
    with app.app_context():
        sessions.end_all(current_services(), member.id)
    page.evaluate("htmx.trigger(document.body, 'surroundings')")
    expect(page.get_by_text("You were logged out.")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Nordlicht")
    page.get_by_role("button", name="Save", exact=True).click()
    enter(page, member.email, PASSWORD)
    expect(page.locator("[name=name]")).to_have_value("Nordlicht")


def test_the_browser_asks_before_an_edited_form_is_left(
    new_context: NewContext, served_pages: str, app: Flask, member: User
) -> None:
    with app.app_context():
        make_company(name="Before")
    page = page_of(new_context, served_pages, member)
    questions = answered(page, Dialog.dismiss)
    edit = f"{served_pages}/companies/1/edit"
    page.goto(edit)
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Before")
    assert questions == [], "nothing was typed"
    page.goto(edit)
    page.locator("[name=name]").fill("")
    page.locator("[name=name]").press_sequentially("After")
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("[name=name]")).to_have_value("After")
    assert questions == ["beforeunload"]
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("After")
    assert questions == ["beforeunload"], "who saves is not asked"


def test_what_was_refused_or_put_back_is_asked_about_too(
    new_context: NewContext, served_pages: str, member: User
) -> None:
    page = page_of(new_context, served_pages, member)
    questions = answered(page, Dialog.accept)
    page.goto(f"{served_pages}/companies/new")
    page.locator("[name=employees]").press_sequentially("many")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Nothing was saved yet")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Companies")
    assert questions == ["beforeunload"]


def test_looking_for_something_is_no_edit(
    new_context: NewContext, served_pages: str, administrator: User
) -> None:
    page = page_of(new_context, served_pages, administrator)
    questions = answered(page, Dialog.accept)
    page.goto(f"{served_pages}/audit")
    page.get_by_label("About").select_option("rules")
    expect(page.get_by_text("Nothing to report")).to_be_visible()
    page.goto(f"{served_pages}/companies")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Companies")
    assert questions == []


@pytest.mark.parametrize("size", ["phone"])
def test_no_page_is_wider_than_a_phone(
    new_context: NewContext, served_pages: str, administrator: User
) -> None:
    visitor, known = new_context().new_page(), page_of(new_context, served_pages, administrator)
    of_visitor = ("/login", "/forgotten-password")
    of_known = ("/people", "/people/1", "/profile", "/audit", "/settings")
    for page, paths in ((visitor, of_visitor), (known, of_known)):
        for path in paths:
            page.goto(f"{served_pages}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
            assert page.locator("main h1").count() == 1, path
