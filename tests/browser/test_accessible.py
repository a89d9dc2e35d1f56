"""Every page can be used by everybody: axe-core finds nothing, in both schemes and at both widths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.applications.services import current_services
from tests.support.applications.threaded import serving
from tests.support.pages.axe import CRAMPED, MOVED, TOO_WIDE, UNFOLD, WATCH, violations
from tests.support.pages.browser import SIZES, log_in
from tests.support.pages.pages import FORMS, MISSING, PAGES
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from webapp.models.people.users import User
from webapp.usecases.people import mailed_links

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]

SCHEMES = ("light", "dark")
# The pages in as many parts, which are gone through beside each other.
PARTS = 3
MOST_SHIFT = 0.05
SEND = """([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post"; form.action = address;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement("input");
    field.name = name; field.value = value; form.append(field);
  }
  document.body.append(form); form.submit();
}"""


@pytest.fixture
def address(app: Flask, administrator: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a book in which something of everything has happened is served."""
    monkeypatch.setitem(app.config, "DEBUG", True)
    with app.app_context():
        fill(make_connection().id, administrator.id)
    with serving(app) as url:
        yield url


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A browser in which scripts of the test may run beside the page's own."""
    context = browser.new_context(
        bypass_csp=True, reduced_motion="reduce", locale="en-GB", service_workers="block"
    )
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext, address: str, administrator: User) -> Page:
    """A page in which an administrator has logged in."""
    log_in(visitor, address, administrator.email, PASSWORD)
    visitor.add_init_script(WATCH)
    return visitor.new_page()


def found_everywhere(page: Page) -> list[str]:
    """What is wrong with the page that is shown, at any width and in any scheme; what is folded is opened."""
    page.evaluate(UNFOLD)
    found: dict[str, str] = {}
    for size, scheme in product(SIZES, SCHEMES):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        too_wide = page.evaluate(TOO_WIDE)
        for line in [*violations(page, only_colours=scheme == "dark"), *too_wide]:
            found.setdefault(line, f"{size}, {scheme}")
    return [f"{where}: {line}" for line, where in found.items()]


def found_enlarged(page: Page) -> list[str]:
    """What is wrong at 400 per cent of 1280 by 1024: it scrolls sideways, or something is covered.

    A table of numbers and what is to be copied may scroll.
    """
    page.set_viewport_size({"width": 320, "height": 256})
    return [*page.evaluate(TOO_WIDE), *page.evaluate(CRAMPED)]


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_can_be_used_by_everybody(page: Page, address: str, part: int) -> None:
    wrong: list[str] = []
    seen = 0
    for path in (*PAGES, "/design")[part::PARTS]:
        answer = page.goto(address + path, wait_until="commit")
        assert answer is not None
        if "text/html" not in answer.headers["content-type"] or "<!doctype" not in answer.text():
            continue
        page.wait_for_load_state()
        seen += 1
        if (moved := page.evaluate(MOVED)) > MOST_SHIFT:
            wrong.append(f"{path}: what is shown moves: {moved}")
        wrong += [f"{path}, {line}" for line in found_everywhere(page)]
        if path != "/design":
            wrong += [f"{path}, enlarged: {line}" for line in found_enlarged(page)]
    assert seen > 40 // PARTS
    assert not wrong, "\n".join(wrong)


def test_a_form_with_something_wrong_can_be_used_by_everybody(page: Page, address: str) -> None:
    wrong: list[str] = []
    for path, fields in FORMS.items():
        # Anything of this site will do to send a form from, and nothing is loaded sooner.
        page.goto(address + "/healthz")
        with page.expect_navigation():
            page.evaluate(SEND, [path, fields])
        expect(page.get_by_role("main")).to_be_visible()
        wrong += [f"{path}, {line}" for line in found_everywhere(page)]
    assert not wrong, "\n".join(wrong)


def test_a_visitor_who_is_not_logged_in_can_use_what_is_open(
    visitor: BrowserContext, address: str, app: Flask
) -> None:
    with app.app_context():
        link = urlsplit(mailed_links.invite(current_services(), "ida@example.com", "Ida", "member").link).path
    page = visitor.new_page()
    wrong: list[str] = []
    for path, title in (
        ("/login", "Log in"),
        ("/login?next=/typed", "Log in"),
        ("/forgotten-password", "Forgotten password"),
        ("/forgotten-password/sent", "Check your mail"),
        (link, "Welcome, Ida"),
        ("/choose-password/nonsense", "This link no longer works"),
    ):
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        wrong += [f"{path}, {line}" for line in found_everywhere(page)]
    page.goto(address + link)
    page.get_by_label("New password").fill("short")
    page.get_by_label("Repeat the password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator(".has-error").first).to_be_visible()
    wrong += [f"a password that will not do, {line}" for line in found_everywhere(page)]
    assert not wrong, "\n".join(wrong)


def test_what_opens_can_be_used_by_everybody(page: Page, address: str) -> None:
    for size, scheme in product(SIZES, SCHEMES):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(address + MISSING[0])
        page.get_by_text("Ada Administrator").click()
        assert violations(page, within=".site-head") == [], (size, scheme)
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert violations(page) == [], (size, scheme)
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible()
        assert violations(page) == [], (size, scheme)
        page.keyboard.press("Escape")
        if size == "phone":
            page.get_by_role("button", name="Menu").click()
            expect(page.get_by_role("navigation", name="Main")).to_be_visible()
            assert violations(page, within=".site-head") == [], (size, scheme)
