"""The pages with the blue buttons: each button with its latest run, live, and the rest folded (B5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading, writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import change_run, make_connection, make_run
from tests.support.usecases.connecting import paste
from tests.support.usecases.pulling import all_rows
from webapp.models import Connection
from webapp.web.connection import bulk
from webapp.web.live.parts import PartStream

pytestmark = pytest.mark.one_database

ADDRESSES = ("/integrations", "/integrations/hubspot")


def _page(client: FlaskClient, address: str) -> Element:
    return read_page(client.get(address).text)


@pytest.mark.every_database
def test_both_pages_carry_both_buttons_each_with_what_came_of_it(app: Flask, ada: FlaskClient) -> None:
    paste(ada)
    counts = {"companies": {"created": 3}, "contacts": {"failed": 1}}
    with app.app_context():
        pull = make_run(1, finished_at=datetime.now(UTC), counts=counts)
        push = make_run(1, kind="push", state="failed", error="waited_too_long")
        make_run(1, is_preview=True, counts={"companies": {"created": 99}})
    for address in ADDRESSES:
        page = _page(ada, address)
        assert [one.shown_text for one in page.one("main").all("button", class_="blue")][:2] == [
            "Pull",
            "Push",
        ]
        assert page.one(id="pull-latest").leads_to(f"/sync-log/{pull.id}")
        assert page.one(id="pull-progress").shown_text == "3 created, 1 failed"
        assert page.one(id="push-latest").leads_to(f"/sync-log/{push.id}")
        assert "It waited a whole day without getting further." in page.one(id="push-progress").shown_text


def test_a_run_at_work_shows_its_progress_and_the_stream_its_end(app: Flask, ada: FlaskClient) -> None:
    paste(ada)
    with app.test_request_context():
        run = make_run(1, state="running", totals={"companies": 400}, counts={"companies": {"created": 100}})
        page = _page(ada, "/integrations")
        assert page.one(id="pull-progress").one("progress")["aria-valuenow"] == "25"
        assert "100 of 400 records" in page.one(id="pull-progress").shown_text

        def parts() -> dict[str, object]:
            with reading() as session:
                return bulk.parts(bulk.latest(session, 1))  # type: ignore[return-value]

        look = PartStream(parts, "buttons").look  # type: ignore[arg-type]
        assert len(look()) == 1
        assert look() == []
        change_run(run.id, state="finished", finished_at=datetime.now(UTC))
        [frame] = look()
        changed = {one["id"] for one in read_page(frame.html).all("div", hx_swap_oob="innerHTML")}
        assert changed == {"pull-latest", "pull-progress"}


def test_what_is_seldom_needed_is_folded_and_the_switches_are_not(ada: FlaskClient) -> None:
    paste(ada)
    page = _page(ada, "/integrations/hubspot")
    details = page.one("details", id="details")
    assert details.all("summary")[0].shown_text == "Connection details"
    assert "open" not in details.attributes
    for name in ("scopes", "key", "calls", "webhook-events", "connection", "reconcile"):
        assert details.has("h2", id=name), name
    assert not details.has("h2", id="automatic")
    assert page.has("h2", id="automatic")


def test_the_details_are_open_where_something_in_them_asks_for_it(app: Flask, ada: FlaskClient) -> None:
    paste(ada)
    with app.app_context(), writing() as session:
        session.get_one(Connection, 1).key_properties = {"companies": "deleted", "contacts": "ready"}
    assert "open" in _page(ada, "/integrations/hubspot").one("details", id="details").attributes


def test_a_member_reads_whether_a_switch_is_on(ada: FlaskClient, mem: FlaskClient) -> None:
    paste(ada)
    items = _page(mem, "/integrations/hubspot").one("ul", class_="switches").all("li")
    texts = [one.shown_text for one in items]
    assert texts[0].startswith("On Automatic sync, both ways. While it is off, what happens is kept")
    assert texts[1] == "On Send edits of linked companies to HubSpot automatically"
    assert not _page(mem, "/integrations").all("button", class_="blue")
    for address in ("/integrations", "/integrations/hubspot"):
        assert "An administrator starts these." in _page(mem, address).shown_text
        assert "An administrator starts these." not in _page(ada, address).shown_text


def test_without_a_connection_the_one_blue_button_connects(app: Flask, ada: FlaskClient) -> None:
    assert app
    [blue] = _page(ada, "/integrations").one("main").all(class_="blue")
    assert (blue["href"], blue.shown_text) == ("/integrations/hubspot", "Connect HubSpot")
    buttons = _page(ada, "/integrations/hubspot").all("button", class_="blue", disabled=True)
    assert [one.shown_text for one in buttons] == ["Pull", "Push"]


def test_the_question_before_a_first_pull_is_not_asked_after_it(app: Flask, ada: FlaskClient) -> None:
    with app.app_context():
        connection = make_connection()
    page = ada.get("/runs/push").text
    assert "No Pull has finished yet" in page
    assert ">Pull first<" in page
    ada.post("/runs", data={"kind": "pull"})
    page = ada.get("/runs/push").text
    assert "wait for its end before you push" in page
    assert ">Pull first<" not in page
    with app.app_context(), writing() as session:
        session.get_one(Connection, connection.id).first_pull_finished_at = datetime.now(UTC)
    answer = ada.get("/runs/push")
    assert (answer.status_code, answer.location) == (303, "/integrations/hubspot")
    page = ada.get("/integrations/hubspot").text
    assert "A Pull has finished" in page
    assert "No Pull has finished yet" not in page


def test_nor_is_it_asked_without_a_connection(ada: FlaskClient, app: Flask) -> None:
    assert ada.get("/runs/push").status_code == 409
    with app.app_context():
        assert all_rows(Connection) == []
