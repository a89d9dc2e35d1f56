"""What a page weighs: everything that a browser without a cache fetches for it, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.everything import fill, fill_lists
from tests.support.factories import make_connection
from tests.support.page import Element, read_page
from tests.support.pages import MISSING, PAGES
from webapp.models import User

pytestmark = pytest.mark.one_database

LIMIT_BYTES = 60_000
# The coding that every browser takes; brotli, which most prefer, is smaller.
GZIP = {"Accept-Encoding": "gzip"}
# Elements that fetch something of themselves, and where it is.
FETCHED = {"link": "href", "script": "src", "img": "src", "use": "href", "source": "src", "iframe": "src"}


@pytest.fixture
def full_book(app: Flask, administrator: User) -> None:
    """A book in which every list has a full page."""
    with app.app_context():
        connection_id = make_connection().id
        fill(connection_id, administrator.id)
        fill_lists(connection_id)


@pytest.fixture
def ada(full_book: None, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:  # noqa: ARG001
    return logged_in(administrator)


def fetched(page: Element) -> Iterator[str]:
    """Yields the addresses that a page has a browser fetch at once."""
    for one in page.elements():
        attribute = FETCHED.get(one.name)
        # A picture that is fetched once somebody scrolls to it keeps nobody waiting for the page.
        if attribute and attribute in one.attributes and one.attributes.get("loading") != "lazy":
            yield one[attribute].partition("#")[0]


def compressed_assets(client: FlaskClient) -> list[str]:
    """What the list of companies loads but for its icon, which is too small to gain anything."""
    loaded = fetched(read_page(client.get("/companies").text))
    return [one for one in loaded if "/icon.svg" not in one]


def weight(client: FlaskClient, address: str) -> int:
    """Head and body of an answer in bytes."""
    answer = client.get(address, headers=GZIP)
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers)
    body = len(answer.get_data())
    answer.close()
    return head + body


def test_a_page_with_all_it_loads_is_light(ada: FlaskClient) -> None:
    assets: dict[str, int] = {}
    weights: dict[str, int] = {}
    for address in PAGES:
        page = ada.get(address)
        if page.mimetype != "text/html":  # the event stream of a run, which is over when a page is fetched
            continue
        loaded = set(fetched(read_page(page.text)))
        assets |= {one: weight(ada, one) for one in loaded - assets.keys()}
        weights[address] = weight(ada, address) + sum(assets[one] for one in loaded)
    assert max(weights.values()) > 20_000
    assert {address: size for address, size in weights.items() if size > LIMIT_BYTES} == {}


def test_a_page_loads_nothing_from_elsewhere(ada: FlaskClient) -> None:
    for address in PAGES:
        for one in fetched(read_page(ada.get(address).text)):
            assert one.startswith("/"), f"{address}: {one}"
            assert not one.startswith("//"), f"{address}: {one}"


def test_what_pages_load_is_kept_for_good(ada: FlaskClient) -> None:
    loaded = {one for address in PAGES for one in fetched(read_page(ada.get(address).text))}
    assert len(loaded) > 5
    for one in loaded:
        answer = ada.get(one)
        answer.close()
        assert "immutable" in answer.headers["Cache-Control"], one


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


def test_who_takes_no_coding_gets_none(ada: FlaskClient) -> None:
    answer = ada.get("/companies", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert "Companies" in answer.text


@pytest.mark.parametrize("address", ["/sync-log/1/stream", "/sync-log/1/entries.csv"])
def test_what_is_made_while_it_is_sent_is_not_held_back(ada: FlaskClient, address: str) -> None:
    assert "Content-Encoding" not in ada.get(address, headers=GZIP).headers


def test_a_page_that_cannot_be_found_is_light_too(ada: FlaskClient) -> None:
    for address in MISSING:
        assert weight(ada, address) < LIMIT_BYTES
