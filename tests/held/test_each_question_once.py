"""Each question is asked and counted once: at the object or at the record, until it is decided (B32)."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import give_key, held, pushed
from webapp.models import Run
from webapp.usecases.held import decisions

pytestmark = pytest.mark.every_database

HTMX = {"HX-Request": "true"}


@pytest.fixture
def in_question(connection_id: int, sandbox: SandboxServer) -> int:
    """The number of an object that a pull has held for a record, which a push has left because of it."""
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    make_company(name="Birke Druckwerk", city="Ulm", domain=None)
    there = sandbox.create("companies", {"name": "Birke Druck", "city": "Ulm"})["id"]
    pulling.pulled(connection_id)
    pushed(connection_id)
    return pulling.left_out_of(there, "companies").id


def _counts(pages: FlaskClient) -> tuple[list[str], list[str]]:
    """What the menu counts, and what the queue's tabs do."""
    page = read_page(pages.get("/held").text)
    menu = page.one(id="badges-held").shown_text
    return re.findall(r"\d+", menu), re.findall(r"\d+", page.one(id="queue-parts").shown_text)


def _lines(pages: FlaskClient) -> list[str]:
    return [line["id"] for line in read_page(pages.get("/held").text).all("li", class_="queue-item")]


def test_a_record_is_not_asked_about_beside_the_object_that_it_may_be(
    in_question: int, pages: FlaskClient
) -> None:
    [record] = held()
    assert record.reason == "candidate_of_held"
    assert _lines(pages) == [f"held-{in_question}"]
    assert _counts(pages) == (["1"], ["1", "0", "0", "0"])
    assert "1 need" in read_page(pages.get("/").text).one(id="main").shown_text


def test_the_log_of_the_push_leads_to_the_object_that_asks(in_question: int, pages: FlaskClient) -> None:
    run = pulling.all_rows(Run)[-1]
    links = read_page(pages.get(f"/sync-log/{run.id}").text).all("a")
    [link] = [one for one in links if one.shown_text == "Decide under Needs you"]
    found = read_page(pages.get(link["href"]).text).all("li", class_="queue-item")
    assert [one["id"] for one in found] == [f"held-{in_question}"]


def test_a_record_asks_for_itself_while_its_object_is_skipped(in_question: int, pages: FlaskClient) -> None:
    key = f"held-r{held()[0].id}"
    pages.post(f"/held/{in_question}/resolution", data={"verb": "skip"}, headers=HTMX)
    assert _lines(pages) == [key]
    assert _counts(pages) == (["1"], ["1", "1", "0", "1"])
    page = read_page(pages.get("/held").text)
    assert "that was skipped" in page.one(id=key).shown_text
    assert "None of these: create new" in page.one(id=key).shown_text
    pages.post(f"/held/{in_question}/withdrawal", headers=HTMX)
    assert _lines(pages) == [f"held-{in_question}"]
    assert _counts(pages) == (["1"], ["1", "0", "0", "0"])


def test_a_push_says_which_of_the_two_asks(in_question: int, connection_id: int, pages: FlaskClient) -> None:
    for verb, reason in (("skip", "candidate_of_skipped"), ("again", "candidate_of_held")):
        decisions.resolve(current_services(), in_question, verb, None, None)  # type: ignore[arg-type]
        assert [one.reason for one in held()] == [reason], "at once"
        pushed(connection_id)
        assert [one.reason for one in held()] == [reason], "and by the next push"
        assert len(_lines(pages)) == 1


def test_a_record_asks_beside_a_skipped_object_only_if_no_other_object_asks(
    in_question: int, connection_id: int, sandbox: SandboxServer, pages: FlaskClient
) -> None:
    other = sandbox.create("companies", {"name": "Birke Druck GmbH", "city": "Ulm"})["id"]
    pulling.pulled(connection_id)
    second = pulling.left_out_of(other, "companies")
    assert second.state == "held"
    decisions.resolve(current_services(), in_question, "skip", None, None)
    assert _lines(pages) == [f"held-{second.id}"]
    decisions.resolve(current_services(), second.id, "skip", None, None)
    assert _lines(pages) == [f"held-r{held()[0].id}"]


def test_what_was_decided_is_counted_no_more_though_it_is_still_carried_out(
    in_question: int, pages: FlaskClient
) -> None:
    """Nowhere: else the menu, which is read a moment later, would say something else than the tabs."""
    answer = pages.post(f"/held/{in_question}/resolution", data={"verb": "apart"}, headers=HTMX).text
    assert re.findall(r"\d+", read_page(answer).one(id="queue-parts").shown_text) == ["0", "0", "0", "0"]
    assert _counts(pages) == ([], ["0", "0", "0", "0"])
    assert _lines(pages) == [f"held-{in_question}"]
    assert "Being carried out" in pages.get("/held").text


def test_a_decision_about_a_record_is_counted_no_more_either(in_question: int, pages: FlaskClient) -> None:
    pages.post(f"/held/{in_question}/resolution", data={"verb": "skip"}, headers=HTMX)
    record = held()[0].id
    pages.post(f"/held/records/{record}/resolution", data={"verb": "create"}, headers=HTMX)
    assert _counts(pages) == ([], ["0", "0", "0", "1"])
    assert "Being carried out" in pages.get("/held").text
