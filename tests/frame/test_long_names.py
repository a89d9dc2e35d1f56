"""A name that does not fit is cut at its end, also where its letters run from right to left."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.pages.browser import log_in
from tests.support.samples.factories import (
    add_entries,
    make_company,
    make_connection,
    make_contact,
    make_remote_object,
    make_run,
)
from tests.support.samples.users import PASSWORD
from webapp.models import User

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

PHONE: Any = {"width": 390, "height": 844}
LONG = {
    "rtl": "شركة النور للتجارة والمقاولات والاستيراد والتصدير والخدمات اللوجستية المحدودة",
    "ltr": "Gesellschaft für Handel, Bau, Einfuhr, Ausfuhr und logistische Dienste mit beschränkter Haftung",
}
PLACES = {
    "/sync-log/1": ".entry-name",
    "/held/not-imported": ".queue-name",
    "/companies": ".row-name",
    "/contacts": ".cell-text a",
    "/companies/1/edit": ".crumb a",
}
# How far the first letter is out of the box that may be cut.
HIDDEN = """one => {
  const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const text = walker.nextNode();
  // A mark that keeps its direction apart may stand before it.
  const begin = text.data.search(/\\p{L}/u);
  range.setStart(text, begin);
  range.setEnd(text, begin + 1);
  let box = one;
  while (getComputedStyle(box).overflowX === "visible" && box.parentElement) box = box.parentElement;
  const letter = range.getBoundingClientRect();
  const frame = box.getBoundingClientRect();
  return Math.max(frame.left - letter.left, letter.right - frame.right);
}"""


@pytest.mark.parametrize("direction", LONG)
def test_a_name_that_does_not_fit_shows_its_beginning(
    page: Page, app: Flask, served_pages: str, administrator: User, direction: str
) -> None:
    name = LONG[direction]
    with app.app_context():
        company = make_company(name=name)
        make_contact(company.id, first_name="Ada")
        connection_id = make_connection().id
        add_entries(
            make_run(connection_id).id, [{"object_type": "companies", "name": name, "outcome": "created"}]
        )
        make_remote_object(connection_id, "701", display_name=name, state="unlinked", reason="no_company")
    log_in(page.context, served_pages, administrator.email, PASSWORD)
    page.set_viewport_size(PHONE)
    hidden = {}
    for path, place in PLACES.items():
        page.goto(served_pages + path)
        found = page.locator(place).first
        found.wait_for()
        hidden[path] = found.evaluate(HIDDEN)
    assert {path: by for path, by in hidden.items() if by > 1} == {}
