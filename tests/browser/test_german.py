"""In German, whose words are longer, pages keep within the window, and every word has room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.support.applications.services import writing
from tests.support.applications.threaded import serving
from tests.support.pages.axe import SPILT, TOO_WIDE, UNFOLD
from tests.support.pages.browser import SIZES, log_in
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from tests.support.samples.users import PASSWORD
from webapp.domain.records.fields import ObjectType
from webapp.models.people.users import User
from webapp.store.home import counts
from webapp.store.people import users

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]

# Those with the longest lines: tables, tabs, rows of buttons, forms, menus.
# A word that does not fit in its place is broken, and a state that does not fit lies over its neighbour.
BROKEN = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const longest = (one) => {
    pen.font = getComputedStyle(one).font;
    return Math.max(...one.innerText.split(/\\s+/).map((word) => pen.measureText(word).width));
  };
  const room = (one) => {
    const style = getComputedStyle(one);
    return one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 1;
  };
  const over = (one) => {
    const next = one.parentElement.nextElementSibling?.getBoundingClientRect();
    const own = one.getBoundingClientRect();
    return next?.width && own.right > next.left && own.left < next.right
      && own.bottom > next.top + 1 && own.top < next.bottom - 1;
  };
  const shown = [...document.querySelectorAll("main :is(.button, .badge, .queue-kind)")].filter(
    (one) => one.clientWidth > 1 && one.innerText.trim());
  const broken = shown.filter((one) => longest(one) > room(one));
  const covering = shown.filter((one) => one.matches(".badge") && over(one));
  return [...broken, ...covering].slice(0, 3).map((one) => `no room for: ${one.outerHTML.slice(0, 160)}`);
}"""
WIDEST = (
    *(
        "/",
        "/companies",
        "/contacts?sort=changed",
        "/contacts/1",
        "/contacts/1/edit",
        "/companies/1/deletion",
    ),
    *(
        "/sync-log",
        "/sync-log/1",
        "/sync-log/1/undo",
        "/held",
        "/held?open=r1",
        "/duplicates",
        "/duplicates/1",
    ),
    *("/integrations", "/integrations/hubspot", "/integrations/hubspot/statuses", "/companies/import/3"),
    *("/people", "/profile", "/profile/notifications", "/settings", "/integrations/hubspot/setup"),
    *("/audit", "/help/guide", "/help/why-not-synced"),
)
WINDOWS = {**SIZES, "tablet": (1024, 768), "upright": (768, 1024), "narrow": (320, 640)}
WAITS = (
    "900 von 2.400 Datensätzen. Wartet auf die Aufrufgrenze von HubSpot, bis heute 07:25. "
    "Er geht von selbst weiter."
)
HIDDEN_OF = """(one, text) => {
  one.textContent = text;
  const lost = [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight];
  return lost.map((one) => Math.max(one, 0));
}"""
BACK = "one => getComputedStyle(one).backgroundColor"
FIGURES_AFTER = """text => {
  document.getElementById("run-done").textContent = text;
  return document.querySelector(".run-figures").getBoundingClientRect().top;
}"""


@pytest.fixture
def address(app: Flask, administrator: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a book is served in which somebody reads German, so large that a count has an age."""
    monkeypatch.setattr(counts, "FEW_LINKS", 0)
    with app.app_context():
        connection_id = make_connection().id
        fill(connection_id, administrator.id)
        with writing() as session:
            counted: dict[ObjectType, int] = {"companies": 13_000, "contacts": 211_172}
            counts.keep(session, connection_id, counted, datetime.now(UTC) - timedelta(minutes=22))
            users.change(session, administrator.id, {"language": "de"})
    with serving(app) as url:
        yield url


@pytest.fixture
def page(browser: Browser, address: str, administrator: User) -> Iterator[Page]:
    """A page in which that person has logged in."""
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce", service_workers="block")
    log_in(context, address, administrator.email, PASSWORD)
    yield context.new_page()
    context.close()


def test_every_word_has_room_in_german(page: Page, address: str) -> None:
    wrong: list[str] = []
    for path in WIDEST:
        page.goto(address + path)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        page.evaluate(UNFOLD)
        for size, (width, height) in WINDOWS.items():
            page.set_viewport_size({"width": width, "height": height})
            found = [line for script in (TOO_WIDE, BROKEN, SPILT) for line in page.evaluate(script)]
            wrong += [f"{path}, {size}: {line}" for line in found]
    assert not wrong, "\n".join(wrong)


def test_why_a_run_waits_has_its_room_on_a_phone(page: Page, address: str) -> None:
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(address + "/sync-log/5")
        assert page.evaluate(FIGURES_AFTER, WAITS) == page.evaluate(FIGURES_AFTER, "2.400 Datensätze"), width


def test_the_list_of_runs_says_why_one_waits_to_the_last_word(page: Page, address: str) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(address + "/sync-log")
        hidden = page.locator(".run-result").first.evaluate(HIDDEN_OF, WAITS)
        assert hidden == [0, 0], width


def test_the_counts_of_a_push_fit_a_small_phone(page: Page, address: str) -> None:
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(address + "/sync-log/1")
        frame = page.locator(".count-frame")
        expect(frame.get_by_text("Zuordnungen")).to_be_visible()
        assert frame.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, width


def test_high_contrast_shows_where_one_is_and_how_far_a_run_is(page: Page, address: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(address + "/integrations/hubspot/statuses")
    for part in (".site-nav", ".tabs"):
        here = page.locator(f"{part} a[aria-current]")
        other = page.locator(f"{part} a:not([aria-current])").first
        assert here.evaluate(BACK) != other.evaluate(BACK), part
    page.goto(address + "/sync-log/1")
    expect(page.locator("progress").first).to_have_css("border-top-style", "solid")
