"""Every page in German: no English word of ours is left, and what stands on it is German throughout."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import writing
from tests.support.pages.page import read_page
from tests.support.pages.pages import PAGES
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection
from webapp.models import User
from webapp.store.people import users

pytestmark = pytest.mark.one_database

ENGLISH = re.compile(r"\b(?:the|and|which|with|from|this|these|they|nothing|every|been|are|has|have|not)\b")
"""Words that every English sentence has one of, and no German one."""

NOT_OURS = re.compile(r"“[^”]*”|„[^“]*“|flask [\w. -]+|Twinbook ID|[\w-]+@[\w.-]+")
"""What HubSpot, the mail server and people have written, and commands."""

IN_ENGLISH = {
    "/help/guide": "documents are in English",
    "/help/first-steps": "documents are in English",
    "/help": "documents are in English",
    "/sync-log/1/stream": "no page",
}


@pytest.fixture
def german(app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    """A client of somebody who has chosen German, in a book in which everything occurs."""
    with app.app_context():
        fill(make_connection().id, administrator.id)
        with writing() as session:
            users.change(session, administrator.id, {"language": "de"})
    return logged_in(administrator)


def test_no_page_says_anything_in_english_to_who_reads_german(german: FlaskClient) -> None:
    found = {}
    for address in PAGES:
        if address in IN_ENGLISH:
            continue
        page = read_page(german.get(address).text)
        text = NOT_OURS.sub("", page.shown_text)
        if english := [text[max(0, one.start() - 40) : one.end() + 40] for one in ENGLISH.finditer(text)]:
            found[address] = english[:4]
    assert found == {}


def test_a_page_in_german_says_so_and_writes_numbers_and_moments_like_it(german: FlaskClient) -> None:
    page = read_page(german.get("/").text)
    assert page.one("html")["lang"] == "de"
    assert "Wartet auf Sie" in page.one("nav", id="places").shown_text
    assert re.search(r"\d{1,2}\. \w+", page.shown_text)


def test_a_refusal_and_an_error_are_in_german_as_well(german: FlaskClient) -> None:
    missing = german.get("/companies/999999")
    assert missing.status_code == 404
    assert "Diesen Datensatz gibt es nicht" in read_page(missing.text).shown_text
    refused = german.post("/companies", data={"name": "", "domain": ""})
    assert "Ein Unternehmen braucht einen Namen oder eine Domain." in read_page(refused.text).shown_text


def test_who_is_not_logged_in_reads_the_language_of_the_browser(client: FlaskClient) -> None:
    page = read_page(client.get("/login", headers={"Accept-Language": "de-AT, en;q=0.5"}).text)
    assert page.one("html")["lang"] == "de"
    assert page.one("h1").shown_text == "Anmelden"
