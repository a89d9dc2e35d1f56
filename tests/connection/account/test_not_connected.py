"""Whatever needs the connection says in the same words that there is none."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.usecases.connecting import PAGE, change_settings, page_text
from webapp.errors import problem
from webapp.text.refusals import refusal

_LOOKS = ["/fields/companies", "/fields/contacts/first_name", "/statuses", "/rules/companies/in", "/setup"]
_ACTS = [
    "/fields/contacts/first_name",
    "/statuses/contacts",
    "/rules/contacts/out",
    "/definitions",
    "/setup/fields",
]
_ON_THE_CONNECTION = ["/test", "/key", "/automatic"]


@pytest.mark.one_database
def test_it_is_said_in_the_same_words_everywhere(ada: FlaskClient) -> None:
    answers = [ada.get(f"{PAGE}{address}") for address in _LOOKS]
    answers += [
        ada.post(f"{PAGE}{address}", data={"do": "save"}) for address in (*_ACTS, *_ON_THE_CONNECTION)
    ]
    answers += [ada.get("/runs/pull"), ada.post("/runs", data={"kind": "pull"})]
    for answer in answers:
        assert (answer.status_code, refusal(problem("not_connected")) in page_text(answer)) == (409, True), (
            answer.request.path
        )


@pytest.mark.one_database
def test_the_page_leads_to_where_it_can_be_connected(ada: FlaskClient) -> None:
    for address in _LOOKS:
        [button] = read_page(ada.get(f"{PAGE}{address}").text).one("main").all("a", class_="button")
        assert button["href"] == PAGE, address


@pytest.mark.one_database
def test_the_one_way_that_is_set_up_has_the_blue_button(app: Flask, ada: FlaskClient) -> None:
    ways = read_page(ada.get(PAGE).text).one("div", class_="ways")
    assert [one.shown_text for one in ways.all("button", class_="blue")] == ["Connect with HubSpot"]
    change_settings(app, hubspot_client_id="")
    ways = read_page(ada.get(PAGE).text).one("div", class_="ways")
    assert [one.shown_text for one in ways.all("button", class_="blue")] == ["Test and connect"]
