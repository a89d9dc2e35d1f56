"""What a page weighs: everything that a browser without a cache fetches for it, as it goes over the wire."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.pages.page import Element, read_page
from tests.support.pages.pages import MISSING, PAGES
from tests.support.samples.everything import fill, fill_lists
from tests.support.samples.factories import make_connection
from webapp.models import User

pytestmark = pytest.mark.one_database

LIMIT_BYTES = 60_000
# The coding that every browser takes; brotli, which most prefer, is smaller.
GZIP = {"Accept-Encoding": "gzip"}
# Elements that fetch something of themselves, and where it is.
FETCHED = {"link": "href", "script": "src", "img": "src", "use": "href", "source": "src", "iframe": "src"}


@pytest.fixture
def full_book(app: Flask, administrator: User) -> int:
    """A book in which every list has a full page; the number of a run whose entries say much."""
    with app.app_context():
        connection_id = make_connection().id
        fill(connection_id, administrator.id)
        return fill_lists(connection_id)


@pytest.fixture
def ada(full_book: int, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:  # noqa: ARG001
    return logged_in(administrator)


def fetched(page: Element) -> Iterator[str]:
    """Yields the addresses that a page has a browser fetch at once."""
    for one in page.elements():
        attribute = FETCHED.get(one.name)
        # A folded picture is fetched once somebody opens it: tests/help/test_browser.py looks on.
        if attribute and attribute in one.attributes and one.attributes.get("loading") != "lazy":
            yield one[attribute].partition("#")[0]


def compressed_assets(client: FlaskClient) -> list[str]:
    """What the list of companies loads but for its icon, which is too small to gain anything."""
    loaded = fetched(read_page(client.get("/companies").text))
    return [one for one in loaded if "/icon.svg" not in one]


def wire_bytes(answer: TestResponse) -> int:
    """Head and body of an answer in bytes."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers)
    return head + len(answer.get_data())


def unpacked(page: TestResponse) -> str:
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(page.headers.get("Content-Encoding", ""))
    data = page.get_data()
    return (unpack(data) if unpack else data).decode()


def test_a_page_with_all_it_loads_is_light_and_ours_and_kept_for_good(ada: FlaskClient) -> None:
    loads: dict[str, set[str]] = {}
    weights: dict[str, int] = {}
    for address in PAGES:
        page = ada.get(address, headers=GZIP)
        if page.mimetype != "text/html":  # the event stream of a run, which is over when a page is fetched
            continue
        weights[address] = wire_bytes(page)
        loads[address] = set(fetched(read_page(unpacked(page))))
    assets = {one for found in loads.values() for one in found}
    assert len(assets) > 5
    assert [one for one in assets if not one.startswith("/") or one.startswith("//")] == []
    passing: list[str] = []
    sizes: dict[str, int] = {}
    for one in assets:
        answer = ada.get(one, headers=GZIP)
        sizes[one] = wire_bytes(answer)
        passing += [] if "immutable" in answer.headers["Cache-Control"] else [one]
        answer.close()
    assert passing == []
    whole = {address: size + sum(sizes[one] for one in loads[address]) for address, size in weights.items()}
    assert max(whole.values()) > 20_000
    assert {address: size for address, size in whole.items() if size > LIMIT_BYTES} == {}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_the_longest_lists_are_light_in_every_language_and_coding(
    ada: FlaskClient, full_book: int, language: str, coding: str
) -> None:
    ada.post("/profile", data={"name": "Ada", "email": "ada@example.com", "language": language})
    takes = {"Accept-Encoding": coding}
    weights: dict[str, int] = {}
    lists = {
        f"/sync-log/{full_book}?outcome=created": 50,
        f"/sync-log/{full_book}": 50,
        "/sync-log/1": 10,
        "/sync-log": 50,
        "/companies": 50,
        "/contacts": 50,
        "/held": 50,
        "/held/not-imported": 50,
        "/duplicates": 20,
        "/duplicates?type=contacts": 20,
        "/sync-log/reasons": 50,
    }
    for address, lines in lists.items():
        page = ada.get(address, headers=takes)
        text = unpacked(page)
        assert f'lang="{language}"' in text
        assert len(re.findall(r"<(?:li|tr|dt)[ >]", text)) > lines, address
        weights[address] = wire_bytes(page)
        for one in set(fetched(read_page(text))):
            answer = ada.get(one, headers=takes)
            weights[address] += wire_bytes(answer)
            answer.close()
    assert {address: size for address, size in weights.items() if size > LIMIT_BYTES} == {}


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_pages_and_assets_are_compressed(ada: FlaskClient, coding: str) -> None:
    for address in ("/companies", *compressed_assets(ada)):
        packed = ada.get(address, headers={"Accept-Encoding": coding})
        assert packed.headers.get("Content-Encoding") == coding, address
        assert "Accept-Encoding" in packed.headers["Vary"], address
        plain = ada.get(address)
        assert len(packed.get_data()) < len(plain.get_data()), address
        packed.close()
        plain.close()


def test_brotli_is_smaller_than_gzip(ada: FlaskClient) -> None:
    for address in ("/contacts", "/style.css", "/static/app.js", "/static/vendor/htmx-2.0.11.min.js"):
        in_brotli, in_gzip = (ada.get(address, headers={"Accept-Encoding": one}) for one in ("br", "gzip"))
        assert len(in_brotli.get_data()) < len(in_gzip.get_data()), address
        in_brotli.close()
        in_gzip.close()


def test_our_style_sheets_and_scripts_are_served_without_comments_and_vendored_files_as_they_are(
    ada: FlaskClient,
) -> None:
    for address in compressed_assets(ada):
        answer = ada.get(address)
        if "/vendor/" in address:
            name = address.partition("/static/")[2].partition("?")[0]
            assert answer.get_data() == (Path("static") / name).read_bytes()
        elif answer.mimetype in ("text/css", "text/javascript"):
            assert "/*" not in answer.text, address
            assert "\n  " not in answer.text, address
        answer.close()


def test_what_pages_load_is_read_by_no_other_site_and_as_what_it_is(ada: FlaskClient) -> None:
    for address in ("/style.css", "/static/app.js"):
        headers = ada.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        # Browsers heed these in pages alone.
        assert "Content-Security-Policy" not in headers
        assert "X-Frame-Options" not in headers


def test_who_takes_no_coding_gets_none(ada: FlaskClient) -> None:
    answer = ada.get("/companies", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert "Companies" in answer.text


@pytest.mark.parametrize("address", ["/sync-log/1/stream", "/sync-log/1/entries.csv"])
def test_what_is_made_while_it_is_sent_is_not_held_back(ada: FlaskClient, address: str) -> None:
    assert "Content-Encoding" not in ada.get(address, headers=GZIP).headers


def test_a_page_that_cannot_be_found_is_light_too(ada: FlaskClient) -> None:
    for address in MISSING:
        assert wire_bytes(ada.get(address, headers=GZIP)) < LIMIT_BYTES
