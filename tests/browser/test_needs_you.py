"""The queue of what needs a person in a real browser: by mouse, by keys, on a phone, without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.pages.browser import log_in
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run, User

pytestmark = pytest.mark.browser

_PHONE: Any = {"width": 390, "height": 844}
_PEOPLE = ("Anna", "Bela", "Cleo")


@pytest.fixture
def queue(page: Page, app: Flask, sandbox: SandboxServer, served_pages: str, administrator: User) -> Page:
    """Three people here who look like three in HubSpot, held by a pull."""
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    for place, first in enumerate(_PEOPLE):
        values = {"firstname": first, "lastname": "Roth", "email": f"{first}@acme.de", "city": "Bonn"}
        sandbox.create("contacts", {**values, "phone": f"+49 30 123456{place}"}, [firm])
    with app.app_context():
        connection_id = pulling.connected()
        other = make_company(name="Other", domain="other.de").id
        for place, first in enumerate(_PEOPLE):
            address, phone = f"office{place}@other.de", f"+49 30 123456{place}"
            make_contact(other, first_name=first, last_name="Roth", email=address, phone=phone)
        run_id = pulling.pulled(connection_id).id
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    page.goto(f"{served_pages}/sync-log/{run_id}")
    expect(page.locator("#run-done")).to_contain_text("3 need you")
    page.get_by_role("link", name="3 need you").click()
    page.wait_for_url(re.compile("/held"))
    expect(page.locator(".queue-item")).to_have_count(3)
    return page


def test_each_decision_is_confirmed_in_its_place_and_opens_the_next(queue: Page) -> None:
    lines = queue.locator(".queue-item")
    expect(queue.locator(".queue-item.is-open .queue-name")).to_have_text("Anna Roth")
    queue.get_by_role("button", name="Skip").click()
    expect(lines.nth(0).get_by_role("status")).to_contain_text("It is left out")
    expect(queue.locator(".queue-item.is-open .queue-name")).to_have_text("Bela Roth")
    expect(lines.nth(1)).to_be_focused()
    lines.nth(0).get_by_role("button", name="Undo").click()
    expect(lines.nth(0).get_by_role("button", name="Link to this one")).to_be_visible()
    lines.nth(1).get_by_role("button", name="Link to this one").click()
    expect(lines.nth(1).get_by_role("status")).to_contain_text("They will be linked")
    queue.reload()
    expect(queue.locator(".queue-name", has_text="Anna Roth")).to_be_visible()


def test_the_queue_is_gone_through_by_keys(queue: Page) -> None:
    lines = queue.locator(".queue-item")
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog").get_by_text("Undo the last decision")).to_be_visible()
    queue.keyboard.press("Escape")
    queue.keyboard.press("j")
    expect(lines.nth(0)).to_be_focused()
    queue.keyboard.press("j")
    expect(lines.nth(1)).to_be_focused()
    queue.keyboard.press("Enter")
    expect(lines.nth(1).get_by_role("button", name="Link to this one")).to_be_visible()
    lines.nth(1).focus()
    queue.keyboard.press("s")
    expect(lines.nth(1).get_by_role("status")).to_contain_text("It is left out")
    expect(lines.nth(2)).to_be_focused()
    queue.keyboard.press("u")
    expect(lines.nth(1).get_by_role("button", name="Link to this one")).to_be_visible()
    # The line that came back takes the focus a moment after it is seen.
    expect(lines.nth(1)).to_be_focused()
    lines.nth(2).focus()
    queue.keyboard.press("l")
    expect(lines.nth(2).get_by_role("status")).to_contain_text("They will be linked")


def test_several_are_ticked_and_decided_about_at_once(queue: Page, app: Flask) -> None:
    for name in ("Anna Roth", "Bela Roth"):
        queue.get_by_label(f"Tick {name}").check()
    queue.get_by_role("button", name="Link each to its only candidate").click()
    expect(queue).to_have_url(re.compile(r"/sync-log/\d+$"))
    with app.app_context():
        pulling.worked_off(pulling.all_rows(Run)[-1].id)
    expect(queue.locator("#run-badge")).to_contain_text("Finished")
    expect(queue.locator("#count-contacts-updated")).to_have_text("2")


def test_what_was_left_out_is_ticked_and_looked_at_again_with_and_without_script(queue: Page) -> None:
    for name in _PEOPLE:
        queue.locator(".queue-item.is-open", has_text=name).get_by_role("button", name="Skip").click()
    queue.get_by_role("link", name="Not imported").click()
    queue.get_by_label("Tick Anna Roth").check()
    expect(queue.get_by_role("button", name="Import after all")).to_be_visible()
    line = queue.locator(".queue-item", has_text="Bela Roth")
    line.locator("summary").click()
    expect(line.get_by_role("button", name="Look again")).to_be_visible()
    queue.get_by_label("Tick Bela Roth").focus()
    queue.keyboard.press("x")
    expect(queue.get_by_label("Tick Bela Roth")).to_be_checked()
    browser = queue.context.browser
    assert browser is not None
    state = queue.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state, viewport=_PHONE) as plain:
        page = plain.new_page()
        page.goto(queue.url)
        page.get_by_text("Decide about several at once", exact=True).click()
        page.get_by_label("All 3", exact=True).check()
        page.locator("#several").get_by_role("button", name="Look again").click()
        expect(page).to_have_url(re.compile(r"/sync-log/\d+$"))


def test_it_is_decided_without_script_on_a_phone(queue: Page) -> None:
    queue.set_viewport_size(_PHONE)
    queue.reload()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert queue.evaluate(overflow) <= 0
    name, given = (queue.locator(f".queue-compare tbody {tag}").first.bounding_box() for tag in ("th", "td"))
    assert name is not None
    assert given is not None
    assert name["y"] + name["height"] <= given["y"] + 1, "the name of a field stands above its values"
    browser = queue.context.browser
    assert browser is not None
    state = queue.context.storage_state()
    with browser.new_context(java_script_enabled=False, storage_state=state, viewport=_PHONE) as plain:
        page = plain.new_page()
        page.goto(queue.url)
        page.locator(".queue-line", has_text="Cleo Roth").click()
        expect(page.locator(".queue-item.is-open .queue-name")).to_have_text("Cleo Roth")
        page.locator(".queue-line", has_text="Anna Roth").click()
        page.get_by_role("button", name="Skip").click()
        expect(page.locator("#decided")).to_contain_text("Anna Roth. It is left out")
        expect(page.locator(".queue-item.is-open .queue-name")).to_have_text("Bela Roth")
        page.locator("#decided").get_by_role("button", name="Undo").click()
        expect(page.locator(".queue-item.is-open .queue-name")).to_have_text("Anna Roth")
