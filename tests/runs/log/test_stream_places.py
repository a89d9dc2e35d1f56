"""How many live pages there may be, and what becomes of one more."""

from __future__ import annotations

import time

import pytest
import requests
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.support.applications.services import current_services
from tests.support.applications.worker_process import wait_until
from tests.support.pages.events import EventReader
from tests.support.samples.rows import Rows
from tests.support.samples.users import PASSWORD
from webapp.models import Run, User
from webapp.usecases.operating import live_pages
from webapp.web.live import sse
from webapp.web.live.stream_places import StreamPlaces, of_connections, of_threads

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def places(app: Flask) -> StreamPlaces:
    """Three, of which each person may have two."""
    found = StreamPlaces(3, 2)
    sse.share_places(app, found, of_threads())
    return found


@pytest.fixture
def run(rows: Rows) -> Run:
    return rows.run(state="running")


def _open(visitor: requests.Session, address: str) -> EventReader:
    reader = EventReader(visitor, address)
    reader.next("parts")
    return reader


def _also_logged_in(served_url: str, user: User) -> requests.Session:
    session = requests.Session()
    data = {"email": user.email, "password": PASSWORD}
    session.post(f"{served_url}/login", data=data, allow_redirects=False, timeout=120).raise_for_status()
    return session


def test_the_last_places_are_for_others() -> None:
    for found in (of_connections(2000), of_threads()):
        while found.take(1):
            pass
        assert found.take(2)


@pytest.mark.every_database
def test_monitors_are_told_how_many_are_open(
    visitor: requests.Session, served_url: str, run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_pages, "SIGN_EVERY_S", 0.1)
    with app.app_context():
        redis = current_services().redis
    address = f"{served_url}/sync-log/{run.id}/stream"
    with _open(visitor, address), _open(visitor, address):
        wait_until(lambda: live_pages.count(redis) == 2, "both are counted")
    wait_until(lambda: live_pages.count(redis) == 0, "none is left")


def test_one_person_gets_so_many_and_leaves_others_theirs(
    visitor: requests.Session, served_url: str, run: Run, administrator: User
) -> None:
    address = f"{served_url}/sync-log/{run.id}/stream"
    with (
        _also_logged_in(served_url, administrator) as other,
        _open(visitor, address),
        _open(visitor, address),
    ):
        refused = visitor.get(address, timeout=120)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
        assert "every ten seconds" in refused.text
        with _open(other, address):
            assert other.get(address, timeout=120).status_code == 503
        # Pages are served all the same.
        assert visitor.get(f"{served_url}/sync-log/{run.id}", timeout=120).status_code == 200


def test_a_page_without_a_place_is_given_its_news_and_comes_back_by_itself(
    visitor: requests.Session, served_url: str, run: Run, places: StreamPlaces
) -> None:
    address = f"{served_url}/sync-log/{run.id}/stream?shown=0&once=1"
    answer = visitor.get(address, timeout=120)
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 10000\n\n")
    assert "event: parts\n" in answer.text
    assert places.taken == 0


def test_a_place_is_given_back_when_the_reader_goes(
    visitor: requests.Session, served_url: str, run: Run, places: StreamPlaces
) -> None:
    address = f"{served_url}/sync-log/{run.id}/stream"
    for _ in range(3):
        with _open(visitor, address):
            assert places.taken == 1
        for _ in range(200):
            if not places.taken:
                break
            time.sleep(0.05)
    assert places.taken == 0


def test_a_process_keeps_threads_for_pages() -> None:
    for threads in (4, 32, 704):
        found = of_threads(threads)
        taken = sum(found.take(person) is not None for person in range(2 * threads))
        assert 0 < taken <= threads * 0.8
    alone = of_threads(704)
    assert sum(alone.take(1) is not None for _ in range(704)) < taken


@pytest.mark.every_database
def test_a_database_that_is_away_for_a_moment_costs_no_place_and_no_turn(
    visitor: requests.Session, served_url: str, run: Run, app: Flask, places: StreamPlaces
) -> None:
    address = f"{served_url}/sync-log/{run.id}/stream"
    with app.app_context():
        engine = current_services().database.engine

    def fail(*_: object) -> None:
        raise OperationalError("SELECT", None, ConnectionError("away"))

    event.listen(engine, "before_cursor_execute", fail)
    try:
        for _ in range(4):
            assert visitor.get(address, timeout=120).status_code >= 500
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert places.taken == 0
    with _open(visitor, address):
        assert places.taken == 1
