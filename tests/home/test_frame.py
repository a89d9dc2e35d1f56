"""Around every page: where how much waits, and what does not work, in one banner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from redis import Redis

from tests.support.applications.services import change_services, reading, writing
from tests.support.databases.statements import statements
from tests.support.pages.page import Element, read_page
from tests.support.samples.everything import fill
from tests.support.samples.factories import make_connection, make_remote_object
from webapp.errors import problem
from webapp.models import Connection, User, WebhookEventCount
from webapp.services import Services
from webapp.store.connection import connections, troubles
from webapp.store.home import standing
from webapp.usecases.runs import machinery
from webapp.usecases.runs.queues import QUEUES
from webapp.web.operating import health

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]
PAGES = ("/", "/companies", "/contacts", "/held", "/duplicates", "/sync-log", "/profile/notifications")


def _banner(pages: FlaskClient, address: str = "/companies") -> Element | None:
    found = read_page(pages.get(address).text).all("section", class_="account-banner")
    assert len(found) <= 1, "there is one banner at the most"
    return found[0] if found else None


def _menu(pages: FlaskClient) -> dict[str, str]:
    nav = read_page(pages.get("/companies").text).one("nav", class_="site-nav")
    return {one["href"]: one.shown_text for one in nav.all("a")}


@pytest.mark.every_database
def test_the_menu_says_where_how_much_waits(pages: FlaskClient, administrator: User) -> None:
    connection_id = make_connection().id
    assert _menu(pages) == {
        "/": "Home",
        "/companies": "Companies",
        "/contacts": "Contacts",
        "/held": "Needs you",
        "/duplicates": "Duplicates",
        "/sync-log": "Sync log",
        "/integrations": "Integrations",
    }
    fill(connection_id, administrator.id)
    menu = _menu(pages)
    assert menu["/held"] == "Needs you 2 to decide 1 failing"
    assert menu["/duplicates"] == "Duplicates 2 open"


def test_a_page_asks_one_question_for_its_frame(pages: FlaskClient, administrator: User) -> None:
    connection_id = make_connection().id
    fill(connection_id, administrator.id)
    pages.get("/sync-log/reasons")
    with statements() as sent:
        pages.get("/sync-log/reasons")
    read = [one for one in sent if one.startswith("SELECT") and "FROM users" not in one]
    assert len(read) == 1
    for table in ("remote_objects", "held_records", "failing_records", "possible_duplicates"):
        assert f"FROM {table}" in read[0]


def test_a_part_that_htmx_fetches_asks_nothing_for_a_frame(pages: FlaskClient) -> None:
    make_connection()
    with statements() as sent:
        assert pages.get("/sync-log", headers={"HX-Request": "true"}).status_code == 200
    assert not [one for one in sent if "possible_duplicates" in one]


@pytest.mark.every_database
def test_no_count_of_the_frame_goes_beyond_a_thousand(in_app: Flask) -> None:
    assert in_app
    connection_id = make_connection().id
    for number in range(standing.MOST_COUNTED + 5):
        make_remote_object(connection_id, str(number))
    with reading() as session:
        assert standing.read(session).held_objects == standing.MOST_COUNTED


def test_where_all_works_there_is_no_banner(pages: FlaskClient) -> None:
    make_connection()
    assert [address for address in PAGES if _banner(pages, address)] == []


def test_a_dead_access_is_on_every_page_and_its_own_page_says_it_once(pages: FlaskClient) -> None:
    connection = make_connection()
    with writing() as session:
        connections.mark_failing(session, connection.id, problem("reconnect"))
    for address in PAGES:
        banner = _banner(pages, address)
        assert banner is not None, address
        assert "Sync with HubSpot has stopped" in banner.shown_text
        assert "Connect again: everything already synced stays linked." in banner.shown_text
        assert banner.leads_to("/integrations/hubspot")
    assert _banner(pages, "/integrations/hubspot") is None
    assert "Pull and Push are switched off" in pages.get("/integrations/hubspot").text
    assert "Not working" in _menu(pages)["/integrations"]


@pytest.mark.parametrize("has_own_app", [True])  # It keeps what it has seen last of its machinery.
def test_several_troubles_are_one_banner_the_worst_first(
    pages: FlaskClient, in_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "QUIET_S", -1.0)
    monkeypatch.setattr(health, "LOOK_EVERY_S", 0.0)
    connection = make_connection()
    with writing() as session:
        troubles.record(session, connection.id, problem("plan_expired", said="x"), datetime.now(UTC))
    change_services(in_app, redis=Redis(port=9))
    banner = _banner(pages)
    assert banner is not None
    first, *others = banner.all(class_="trouble")
    assert "The queue server (Redis) does not answer" in first.shown_text
    assert len(others) == 1
    folded = banner.one("details")
    assert folded.one("summary").shown_text == "1 more"
    assert "Automatic sync with HubSpot is paused" in folded.shown_text
    assert "Test connection" in folded.shown_text
    g.pop("machinery_troubles")  # Of the request before; the context of the test is shared by both.
    answer = read_page(pages.post("/companies", data={"name": "", "employees": "many"}).text)
    assert "(Redis) does not answer" in answer.one("section", class_="account-banner").shown_text


@pytest.mark.parametrize("has_own_app", [True])  # It keeps what it has seen last of its machinery.
def test_a_missing_permission_and_workers_that_are_away_are_named(
    pages: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "QUIET_S", -1.0)
    monkeypatch.setattr(health, "LOOK_EVERY_S", 0.0)
    connection = make_connection()
    lacking = problem("missing_scopes", scopes="crm.objects.contacts.write")
    with writing() as session:
        troubles.record(session, connection.id, lacking, datetime.now(UTC))
    machinery.sign_schedule(services)
    with machinery.worker_sign(services, QUEUES):
        banner = _banner(pages)
        assert banner is not None
        [only] = banner.all(class_="trouble")
        assert "crm.objects.contacts.write" in only.shown_text
        assert only.leads_to("/integrations/hubspot")
    services.redis.flushdb()  # As when their last sign is too long ago.
    banner = _banner(pages)
    assert banner is not None
    first, *others = (one.shown_text for one in banner.all(class_="trouble"))
    assert "No worker is running" in first
    assert "Start python worker.py" in first
    assert ["crm.objects.contacts.write" in one for one in others] == [False, True]


@pytest.mark.parametrize("has_own_app", [True])  # It keeps what it has seen last of its machinery.
def test_a_disk_that_is_almost_full_is_said_before_it_is_full(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "QUIET_S", -1.0)
    monkeypatch.setattr(health, "LOOK_EVERY_S", 0.0)
    says = "The disk that holds this installation is almost full."
    assert says not in pages.get("/companies").text
    monkeypatch.setattr(machinery, "LOW_DISK_BYTES", 2**62)
    assert says in pages.get("/companies").text
    assert "disk_low" in (pages.get("/readyz").json or {})["trouble"]


def _count(name: str, at: datetime) -> None:
    with writing() as session:
        session.add(WebhookEventCount(day=at.date(), name=name, count=1, latest_at=at))


def test_messages_that_have_stopped_are_named_until_one_comes(pages: FlaskClient) -> None:
    make_connection()
    now = datetime.now(UTC)
    _count("deliveries", now - timedelta(hours=30))
    assert _banner(pages) is None
    _count("missed", now)
    banner = _banner(pages)
    assert banner is not None
    assert "HubSpot's messages seem to have stopped" in banner.shown_text
    assert "warn" in banner["class"]
    _count("deliveries", now)
    assert _banner(pages) is None


def test_whoever_is_not_logged_in_sees_neither(in_app: Flask, client: FlaskClient) -> None:
    assert in_app
    connection = make_connection()
    with writing() as session:
        connections.mark_failing(session, connection.id, problem("reconnect"))
        assert session.get_one(Connection, connection.id).state == "failing"
    page = read_page(client.get("/login").text)
    assert not page.has("section", class_="account-banner")
    assert not page.has("nav", class_="site-nav")


def test_a_page_that_stays_open_is_told_what_waits_and_what_does_not_work(
    pages: FlaskClient, administrator: User
) -> None:
    connection_id = make_connection().id
    fill(connection_id, administrator.id)
    part = read_page(pages.get("/surroundings/records.index", headers={"HX-Request": "true"}).text)
    assert part.one("span", id="badges-held").shown_text == "2 to decide 1 failing"
    assert part.one("div", id="banner").has("section", class_="account-banner") == (
        _banner(pages) is not None
    )


def test_asking_for_it_leaves_a_form_alone_when_the_session_is_over(app: Flask) -> None:
    answer = app.test_client().get("/surroundings/records.new", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
