"""The help: every document as a page, links that lead somewhere, and a part for every page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.page import Element, read_page
from webapp.models import User
from webapp.web.help import topics, why_not_synced
from webapp.web.help.markdown import anchor_of, document
from webapp.web.help.pages import DOCUMENTS
from webapp.web.help.topics import anchors, topic

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
# Blueprints without pages that a person reads.
NO_PAGES = {
    "assets",
    "auth",
    "design",
    "health",
    "help",
    "metrics",
    "offline",
    "palette",
    "surroundings",
    "webhooks",
}


@pytest.fixture
def pages(logged_in: LogIn, member: User) -> FlaskClient:
    return logged_in(member)


def shown(pages: FlaskClient, address: str) -> Element:
    answer = pages.get(address)
    assert answer.status_code == 200, address
    return read_page(answer.text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_a_document_lead_to_pages_and_parts_that_there_are(pages: FlaskClient, name: str) -> None:
    page = shown(pages, f"/help/{name}")
    for link in page.all("a"):
        target = urlsplit(link["href"])
        if target.path.startswith("/help/") or (not target.path and target.fragment):
            other = shown(pages, target.path) if target.path else page
            assert not target.fragment or other.all(id=target.fragment), link["href"]
    for picture in page.one("article").all("img"):
        with pages.get(picture["src"]) as answer:
            assert answer.status_code == 200, picture["src"]
        assert picture["alt"]


def test_the_index_names_every_document_and_part(pages: FlaskClient) -> None:
    addresses = {link["href"] for link in shown(pages, "/help").all("a")}
    assert {f"/help/{name}" for name in DOCUMENTS} <= addresses
    assert "/help/guide#undo" not in addresses, "parts of a part are on its page"
    assert "/help/guide#duplicates" in addresses


def test_what_is_no_document_is_not_found(pages: FlaskClient) -> None:
    assert pages.get("/help/architecture").status_code == 404
    assert pages.get("/help/..%2Fsettings").status_code == 404
    assert pages.get("/help/pictures/..%2F..%2FREADME.md").status_code == 404


def test_every_page_leads_to_its_part_of_the_help(app: Flask) -> None:
    readable = {
        rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and "." in rule.endpoint
    }
    without = {name for name in readable - NO_PAGES if topic(name, None) == ("guide", "")}
    assert without == set()
    assert topics.blueprints() <= set(app.blueprints)


def test_the_parts_that_pages_lead_to_are_there(pages: FlaskClient) -> None:
    for name, anchor in anchors():
        assert shown(pages, f"/help/{name}").all(id=anchor), (name, anchor)


def test_a_page_shows_the_way_to_its_part(pages: FlaskClient) -> None:
    assert shown(pages, "/held").one("footer").one("a")["href"] == "/help/guide#needs-you"


def test_why_not_synced_is_made_from_the_reasons_of_today() -> None:
    assert why_not_synced.PAGE.read_text(encoding="utf-8") == why_not_synced.page(), (
        "write it anew: python -m webapp.web.help.why_not_synced"
    )


def test_a_document_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "one.md"
    path.write_text(
        "# One\n\n## Part *two*\n\n[a](other.md#b) [c](https://x.example) <b>no</b>\n", encoding="utf-8"
    )
    found = document(path, str.upper)
    assert (found.title, found.parts) == ("One", (("part-two", "Part two"),))
    assert 'href="OTHER.MD#B"' in found.html
    assert 'href="https://x.example"' in found.html
    assert "<b>" not in found.html
    path.write_text("# Two\n", encoding="utf-8")
    assert document(path, str.upper).title == "Two"


def test_anchors_are_those_of_the_code_hosts() -> None:
    assert anchor_of("Why did my record not sync?") == "why-did-my-record-not-sync"
    assert anchor_of("3. Go through the set-up") == "3-go-through-the-set-up"
