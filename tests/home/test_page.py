"""The home page says at a glance how the sync stands, and what needs a person (B56)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, reading, writing
from tests.support.databases.statements import statements
from tests.support.pages.page import Element, read_page
from tests.support.samples.everything import fill
from tests.support.samples.factories import (
    make_company,
    make_connection,
    make_link,
    make_remote_object,
    make_remote_objects,
    make_run,
)
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.editing import edit
from tests.support.usecases.pulling import connected, pulled
from webapp.models import Connection, FailingRecord, HourlyChange, InSyncCount, OutboxRecord, User
from webapp.store.home import counts
from webapp.usecases.home import overview
from webapp.web.home import pages as home_pages
from webapp.web.home.view import viewer_zone
from webapp.web.live.parts import PartStream

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


def _page(pages: FlaskClient) -> Element:
    answer = pages.get("/")
    assert answer.status_code == 200
    return read_page(answer.text)


def _shown(page: Element, part: str) -> str:
    return page.one(id=part).shown_text


def _pulled_once(connection_id: int, **values: Any) -> None:
    with writing() as session:
        row = session.get_one(Connection, connection_id)
        row.first_pull_finished_at = datetime.now(UTC)
        for name, value in values.items():
            setattr(row, name, value)


def test_before_a_connection_the_next_step_is_to_make_one(
    pages: FlaskClient, logged_in: LogIn, member: User
) -> None:
    page = _page(pages)
    assert page.one(id="home-needs").one("a", class_="blue")["href"] == "/integrations/hubspot"
    assert "not connected to HubSpot yet" in page.shown_text
    assert not page.has(id="home-in-sync")
    assert "sse-connect" not in pages.get("/").text, "there are no parts to put into the page"
    assert "an administrator can do that" in _shown(_page(logged_in(member)), "home-needs")


def test_after_connecting_the_next_step_of_the_set_up_is_the_one_blue_button(pages: FlaskClient) -> None:
    connection = make_connection()
    with writing() as session:
        session.get_one(Connection, connection.id).setup_done = ["fields"]
    page = _page(pages)
    [blue] = page.one("main").all("a", class_="blue")
    assert (blue["href"], blue.shown_text) == ("/integrations/hubspot/statuses", "Go to the set-up")
    assert "Next: Status mapping" in _shown(page, "home-needs")


def test_where_all_is_well_nothing_needs_anybody(pages: FlaskClient, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    run = pulled(connected())
    page = _page(pages)
    assert "Nothing needs you." in _shown(page, "home-needs")
    assert _shown(page, "home-in-sync") == "1"
    assert page.one(id="home-in-sync-of").text == "1 company, 0 contacts"
    assert page.one(id="pull-latest").leads_to(f"/sync-log/{run.id}")
    assert _shown(page, "pull-progress") == "1 created"
    assert _shown(page, "push-latest") == "Not yet"
    assert _shown(page, "home-hours-totals") == "1 from HubSpot 0 to HubSpot"
    assert "made today" in _shown(page, "home-calls")


@pytest.mark.every_database
def test_what_waits_needs_somebody_or_fails_is_counted_and_leads_there(
    pages: FlaskClient, administrator: User
) -> None:
    connection_id = make_connection().id
    fill(connection_id, administrator.id)
    _pulled_once(connection_id)
    with writing() as session:
        session.add(
            OutboxRecord(
                connection_id=connection_id,
                object_type="companies",
                record_id=1,
                edited_at=datetime.now(UTC),
                version="a",
            )
        )
    page = _page(pages)
    figures = {part: _shown(page, f"home-{part}") for part in ("in-sync", "waiting", "held", "failing")}
    # Of two links one waits; one object and one record are held.
    assert figures == {"in-sync": "1", "waiting": "1", "held": "2", "failing": "1"}
    assert _shown(page, "home-waiting-of") == "1 edit to send: 1 company"
    needs = page.one(id="home-needs")
    assert "2 records wait for your decision." in needs.shown_text
    assert "1 record fails to sync." in needs.shown_text
    assert "2 pairs of records may be duplicates." in needs.shown_text
    assert "1 contact was deleted in HubSpot for privacy." in needs.shown_text
    for address in ("/held", "/held/failing", "/duplicates", "/integrations/hubspot"):
        assert needs.leads_to(address), address
        assert pages.get(address).status_code == 200


@pytest.mark.parametrize("kind", ["companies", "contacts"])
def test_a_figure_leads_to_the_records_that_it_counts(
    pages: FlaskClient, administrator: User, kind: str
) -> None:
    connection_id = make_connection().id
    fill(connection_id, administrator.id)
    with writing() as session:
        edited = {"connection_id": connection_id, "record_id": 1, "edited_at": datetime.now(UTC)}
        session.add(OutboxRecord(**edited, object_type=kind, version="a"))
    page = _page(pages)
    figure = next(one for one in page.all("a", class_="standing-count") if "waiting" in one.shown_text)
    [below] = page.one(id="home-waiting-of").all("a")
    for address in (figure["href"], below["href"]):
        assert address == f"/{kind}?linked=pending"
        assert read_page(pages.get(address).text).has("table", class_="records")
    for one in page.one(id="home-in-sync-of").all("a"):
        assert read_page(pages.get(one["href"]).text).has("table", class_="records")


def test_a_pause_is_named_and_a_dead_access_first(pages: FlaskClient) -> None:
    connection_id = make_connection().id
    _pulled_once(connection_id, automatic={"paused": True})
    assert "Automatic sync is paused" in _shown(_page(pages), "home-needs")
    with writing() as session:
        row = session.get_one(Connection, connection_id)
        row.state, row.error = "failing", "reconnect"
    page = _page(pages)
    assert page.one(id="home-needs").one("a", class_="blue").shown_text == "Connect again"
    assert "Nothing else needs you." in _shown(page, "home-needs")
    assert "Sync with HubSpot has stopped" in page.one("section", role="alert").shown_text


@pytest.mark.every_database
def test_beyond_a_thousand_it_says_so_and_counts_no_further(pages: FlaskClient) -> None:
    connection_id = make_connection().id
    _pulled_once(connection_id)
    make_remote_objects(connection_id, map(str, range(1001)))
    page = _page(pages)
    assert _shown(page, "home-held") == "1,000+"
    assert "1,000+ records wait for your decision." in _shown(page, "home-needs")
    held = next(one for one in page.one("nav", class_="site-nav").all("a") if one["href"] == "/held")
    assert held.shown_text == "Needs you 1,000+ to decide"


@pytest.mark.every_database
def test_a_large_book_shows_what_was_counted_last_and_the_schedule_counts(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = make_connection().id
    _pulled_once(connection_id)
    for number in range(1, 5):
        make_company(name=f"Firm {number}")
        make_link(connection_id, "companies", number, str(number))
    with writing() as session:
        failing = {"connection_id": connection_id, "object_type": "companies", "direction": "out"}
        session.add(
            FailingRecord(
                **failing,
                key="2",
                record_id=2,
                name="Firm 2",
                reason="refused_by_hubspot",
                property="",
                run_id=1,
                failed_at=datetime.now(UTC),
            )
        )
    monkeypatch.setattr(counts, "FEW_LINKS", 3)
    assert _shown(_page(pages), "home-in-sync") == "\N{EN DASH}"
    overview.count_in_sync(current_services())
    page = _page(pages)
    assert _shown(page, "home-in-sync") == "3"
    assert "(counted" in _shown(page, "home-in-sync-of")


@pytest.mark.every_database
def test_it_is_counted_anew_after_a_run_and_else_seldom(
    in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_app
    connection_id = make_connection().id
    monkeypatch.setattr(counts, "FEW_LINKS", 0)
    make_company()
    make_link(connection_id, "companies", 1, "1")
    overview.count_in_sync(current_services())
    make_company()
    make_link(connection_id, "companies", 2, "2")
    overview.count_in_sync(current_services())
    assert _kept() == 1, "nothing says that anything has changed"
    make_run(connection_id, touched_at=datetime.now(UTC) + timedelta(seconds=1))
    overview.count_in_sync(current_services())
    assert _kept() == 2


def _kept() -> int:
    with reading() as session:
        return session.get_one(InSyncCount, (1, "companies")).count


@pytest.mark.every_database
def test_its_questions_are_as_many_for_a_large_book_as_for_a_small_one(
    pages: FlaskClient, administrator: User
) -> None:
    connection_id = make_connection().id
    _pulled_once(connection_id)
    _page(pages)
    with statements() as few:
        _page(pages)
    fill(connection_id, administrator.id)
    make_remote_objects(connection_id, (f"9{number}" for number in range(200)))
    with statements() as many:
        _page(pages)
    assert len(many) == len(few)
    assert not [one for one in many if "log_entries" in one]


@pytest.mark.every_database
def test_an_edit_that_waits_is_not_in_sync_until_it_is_sent(
    pages: FlaskClient, sandbox: SandboxServer
) -> None:
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])
    pulled(connected())
    assert _shown(_page(pages), "home-in-sync") == "2"
    edit(city="Bonn")
    page = _page(pages)
    assert (_shown(page, "home-in-sync"), _shown(page, "home-waiting")) == ("1", "1")


def test_the_stream_sends_what_has_changed_and_nothing_else(in_app: Flask) -> None:
    connection_id = make_connection().id
    with in_app.test_request_context():
        look = PartStream(lambda: home_pages.parts_now(viewer_zone()), "home").look
        [first] = look()
        assert 'id="home-needs"' in first.html
        assert look() == []
        make_remote_object(connection_id, "701")
        [frame] = look()
    changed = {one["id"] for one in read_page(frame.html).all("div", hx_swap_oob="innerHTML")}
    assert changed == {"home-held", "home-needs"}


def test_changes_are_drawn_and_written_in_a_table(pages: FlaskClient) -> None:
    connection_id = make_connection().id
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with writing() as session:
        for run_id, direction, changes in ((1, "in", 1200), (2, "in", 34), (3, "out", 5)):
            session.add(
                HourlyChange(
                    connection_id=connection_id,
                    hour=hour,
                    run_id=run_id,
                    direction=direction,
                    changes=changes,
                )
            )
    page = _page(pages)
    for name, slots in (("hours", 24), ("days", 14)):
        chart = page.one(id=f"home-{name}-chart").one("svg", role="img")
        assert "1,234 changes from HubSpot, 5 to HubSpot" in chart["aria-label"]
        assert len(chart.all("g")) == slots
        assert len(chart.all("rect", class_="chart-in")) == len(chart.all("rect", class_="chart-out")) == 1
        rows = page.one(id=f"home-{name}-table").one("tbody").all("tr")
        assert len(rows) == slots
        assert [cell.shown_text for cell in rows[0].all("td")] == ["1,234", "5"]


def test_the_way_there_is_short_and_open_to_members(
    pages: FlaskClient, logged_in: LogIn, member: User
) -> None:
    assert pages.get("/companies").status_code == 200
    page = _page(logged_in(member))
    assert page.one("nav", class_="site-nav").one("a", aria_current="page").shown_text == "Home"
