"""The help: every document as a page, links that lead somewhere, and a part for every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import Element, read_page
from webapp.domain.people.accounts import LANGUAGES
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_of_a_document_lead_to_pages_and_parts_that_there_are(
    pages: FlaskClient, name: str, language: str
) -> None:
    pages.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
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


GERMAN = sorted(path.stem for path in (why_not_synced.PAGE.parent / "de").glob("*.md"))


@pytest.mark.parametrize("name", GERMAN)
def test_a_translation_has_every_heading_row_and_picture_of_its_original(name: str) -> None:
    def frame(path: Path) -> list[str]:
        """What each line begins with, as far as it is no sentence; and the address of a picture."""
        lines = path.read_text(encoding="utf-8").splitlines()
        marks = [re.match(r"#+ |\| |\d+\. |- |\s*```|!.*\((?:\.\./)?(.*)\)", line) for line in lines]
        return [one[1] or one[0] for one in marks if one]

    original = why_not_synced.PAGE.parent
    assert frame(original / "de" / f"{name}.md") == frame(original / f"{name}.md")


def test_who_reads_german_gets_help_in_german(pages: FlaskClient) -> None:
    pages.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert GERMAN == ["first-steps", "guide"]
    for name, part in {"guide": "Wartet auf Sie", "why-not-synced": "Es ging schief"}.items():
        page = shown(pages, f"/help/{name}")
        assert part in [one.shown_text for one in page.one("article").all("h2")]
        assert "lang" not in page.one("article").attributes
    shown_in_english = shown(pages, "/help/settings")
    assert shown_in_english.one("article")["lang"] == "en"
    assert "keine Übersetzung" in shown_in_english.one(class_="lead").shown_text
    index = {link["href"]: link.attributes.get("hreflang") for link in shown(pages, "/help").all("a")}
    assert (index["/help/guide"], index["/help/settings"]) == (None, "en")


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


def test_a_picture_has_its_room_before_it_is_there(pages: FlaskClient) -> None:
    pictures = read_page(pages.get("/help/guide").text).one("main").all("img")
    assert len(pictures) > 3
    assert all(int(one["width"]) > 300 and int(one["height"]) > 300 for one in pictures)


def test_a_document_is_made_once(pages: FlaskClient) -> None:
    for address in ("/help/guide", "/help/guide"):
        made = document.cache_info().misses
        assert pages.get(address).status_code == 200
    assert document.cache_info().misses == made


def test_why_not_synced_is_made_from_the_reasons_of_today() -> None:
    assert why_not_synced.PAGE.read_text(encoding="utf-8") == why_not_synced.page(), (
        "write it anew: python -m webapp.web.help"
    )


def test_a_document_is_read_as_markdown_without_html() -> None:
    text = "# One\n\n## Part *two*\n\n[a](other.md#b) [c](https://x.example) <b>no</b>\n"
    found = document(text, str.upper)
    assert (found.title, found.parts) == ("One", (("part-two", "Part two"),))
    assert 'href="OTHER.MD#B"' in found.html
    assert 'href="https://x.example"' in found.html
    assert "<b>" not in found.html


def test_a_wide_table_says_in_each_cell_which_column_it_is() -> None:
    """On a phone a table is a list of its rows; what the second of two columns is needs no name."""
    html = document(
        "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n\n| d | e |\n|---|---|\n| 4 | 5 |\n", str
    ).html
    cells = [(one.shown_text, one.attributes.get("data-label")) for one in read_page(html).all("td")]
    assert cells == [("1", None), ("2", "b"), ("3", "c"), ("4", None), ("5", None)]


def test_a_translation_has_the_anchors_of_its_original() -> None:
    original = document("# One\n\n## Part two\n\n### And three\n", str)
    found = document("# Eins\n\n## Teil zwei\n\n### Und drei\n", str, "", original)
    assert found.title == "Eins"
    assert found.parts == (("part-two", "Teil zwei"),)
    assert 'id="and-three"' in found.html


def test_anchors_are_those_of_the_code_hosts() -> None:
    assert anchor_of("Why did my record not sync?") == "why-did-my-record-not-sync"
    assert anchor_of("3. Go through the set-up") == "3-go-through-the-set-up"
