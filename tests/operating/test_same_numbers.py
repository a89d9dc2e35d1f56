"""What waits for people is the same number wherever it stands, from the first Pull to the last undo (B56)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.operating.scraped import samples
from tests.support.applications.services import current_services
from tests.support.databases.demo_book import SIZE, import_book
from tests.support.pages.page import pages_from, read_page
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import connected_with_key, pushed
from tests.support.usecases.undoing import undo_of
from webapp.models import RemoteObject, User
from webapp.usecases.held import carry_out

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]

_NUMBER = re.compile(r"[\d,]+")


def _figures(app: Flask, pages: FlaskClient) -> dict[str, dict[str, int]]:
    """By what waits, the number in each place."""
    home, held = read_page(pages.get("/").text), read_page(pages.get("/held").text)
    menu = {one["href"]: one.shown_text for one in home.one("nav", class_="site-nav").all("a")}
    parts = {one["href"]: one.shown_text for one in held.one(id="queue-parts").all("a")}
    duplicates = read_page(pages.get("/duplicates").text).all("nav", class_="tabs")[0].all("a")
    scraped = samples(app)
    return {
        "held": {
            "home": _first(home.one(id="home-held").shown_text),
            "menu": _before(menu["/held"], "to decide"),
            "parts": _first(parts["/held"]) - _first(parts["/held/failing"]),
            "metrics": int(scraped["needs_a_person", "held"]),
        },
        "failing": {
            "home": _first(home.one(id="home-failing").shown_text),
            "menu": _before(menu["/held"], "failing"),
            "parts": _first(parts["/held/failing"]),
            "metrics": int(scraped["needs_a_person", "failing"]),
        },
        "all": {"parts": _first(parts["/held"]), "list": _listed(pages, "/held")},
        "from a Push": {
            "parts": _first(parts["/held/records"]),
            "list": _listed(pages, "/held/records"),
        },
        "duplicates": {
            "menu": _before(menu["/duplicates"], "open"),
            "parts": sum(_first(one.shown_text) for one in duplicates if "type=" in one["href"]),
            "metrics": int(scraped["needs_a_person", "duplicates"]),
        },
    }


def _listed(pages: FlaskClient, address: str) -> int:
    return sum(len(read_page(html).all("li", class_="queue-item")) for html in pages_from(pages, address))


def _first(text: str) -> int:
    found = _NUMBER.search(text)
    return int(found[0].replace(",", "")) if found else 0


def _before(text: str, words: str) -> int:
    found = re.search(rf"([\d,]+) {words}", text)
    return int(found[1].replace(",", "")) if found else 0


def _agreed(app: Flask, pages: FlaskClient) -> dict[str, int]:
    figures = _figures(app, pages)
    agreed = {name: set(places.values()) for name, places in figures.items()}
    assert all(len(one) == 1 for one in agreed.values()), figures
    return {name: one.pop() for name, one in agreed.items()}


def test_what_waits_is_the_same_number_in_every_place(
    in_app: Flask, logged_in: LogIn, administrator: User, sandbox: SandboxServer, tmp_path: Path
) -> None:
    pages = logged_in(administrator)
    import_book(in_app, tmp_path)
    connection_id = connected_with_key(sandbox)
    sandbox.reset(**SIZE)
    pull = pulling.pulled(connection_id)
    pulled = _agreed(in_app, pages)
    assert pulled["held"] > 3
    push = pushed(connection_id)
    after_push = _agreed(in_app, pages)
    assert (after_push["failing"], after_push["from a Push"]) == (1, 1)
    held = [one.id for one in pulling.all_rows(RemoteObject) if one.state == "held"]
    for number, verb in zip(held, ("apart", "skip"), strict=False):
        assert pages.post(f"/held/{number}/resolution", data={"verb": verb}).status_code == 303
        if (run_id := carry_out.begin(current_services(), connection_id, None)) is not None:
            pulling.worked_off(run_id)
        after = _agreed(in_app, pages)
    assert after["held"] < after_push["held"]
    pulling.looked_again(connection_id)
    _agreed(in_app, pages)
    pushed(connection_id)
    _agreed(in_app, pages)
    for run in (push, pull):
        undo_of(run.id)
        last = _agreed(in_app, pages)
    assert last["duplicates"] <= after["duplicates"]
