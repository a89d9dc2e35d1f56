"""The live page of a run over real HTTP: its parts, how many entries are new, and an end."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import requests
from flask import Flask
from sqlalchemy import QueuePool, event, select

from tests.support.clocks.patience import PATIENCE_S
from tests.support.pages.events import Event, EventReader
from tests.support.pages.page import read_page
from tests.support.samples.factories import NOW, make_entries, make_run
from tests.support.samples.rows import Rows
from tests.support.samples.users import PASSWORD
from webapp.app import services_of
from webapp.models import LoginSession, Run, User
from webapp.store.people import sessions
from webapp.usecases.people import accounts
from webapp.usecases.runs.publish import run_changed
from webapp.web.live.sse import hub_of

pytestmark = pytest.mark.one_database


def _parts(html: str) -> dict[str, str]:
    """The other parts of the page that a frame brings up to date."""
    return {one["id"]: one.shown_text for one in read_page(html).all("div", id=True, hx_swap_oob="innerHTML")}


def _stream(visitor: requests.Session, served_url: str, run: Run, query: str = "") -> EventReader:
    return EventReader(visitor, f"{served_url}/sync-log/{run.id}/stream{query}")


def _finished(rows: Rows, run: Run) -> None:
    rows.change(run, state="finished", finished_at=NOW + timedelta(seconds=30))


def _new(parts: dict[str, str]) -> str:
    """What the page offers to show."""
    return parts["entries-new"]


@pytest.mark.parametrize("kind", ["pull", "push", "push_record", "reconcile"])
def test_every_part_that_is_sent_has_its_place_on_the_page(
    rows: Rows, visitor: requests.Session, served_url: str, kind: str
) -> None:
    run = rows.run(kind=kind, state="running", totals={"companies": 4})
    page = read_page(visitor.get(f"{served_url}/sync-log/{run.id}").text)
    assert page.has(id="count-associations-created") == kind.startswith("push")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        rows.change(run, counts={"contacts": {"created": 3}}, api_calls=7)
        sent = _parts(events.next("parts"))
    assert sent["count-contacts-created"] == "3"
    assert [name for name in sent if not page.has(id=name)] == []


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_what_happens_is_counted_by_itself_and_no_entry_is_pushed_under_the_eye(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", totals={"companies": 4})
    rows(make_entries, run.id, 1, object_type="companies")
    with _stream(visitor, served_url, run, "?shown=1") as events:
        assert _new(_parts(events.next("parts"))) == ""
        rows.log(run, {"object_type": "companies"}, {"object_type": "companies"})
        html = events.next("parts")
        parts = _parts(html)
        assert not read_page(html).has("li", class_="entry")
        assert parts["run-done"] == "3 of 4 records"
        assert parts["count-companies-created"] == "3"
        assert _new(parts) == "2 new entries"
        rows.log(run, {"object_type": "companies"})
        assert _new(_parts(events.next("parts"))) == "3 new entries"
        _finished(rows, run)


def test_connecting_again_counts_from_what_the_page_shows(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 130)
    for _ in range(2):
        with _stream(visitor, served_url, run, "?shown=10") as events:
            assert _new(_parts(events.next("parts"))) == "120 new entries"


def test_a_filtered_page_counts_only_what_fits_its_filter(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    failed = {"outcome": "failed", "reason": "unexpected"}
    with _stream(visitor, served_url, run, "?outcome=failed&shown=0") as events:
        events.next("parts")
        rows.log(run, {}, failed, {})
        assert _new(_parts(events.next("parts"))) == "1 new entry"
    # The counts know nothing of reasons.
    with _stream(visitor, served_url, run, "?outcome=failed&reason=unexpected&shown=0") as events:
        assert _new(_parts(events.next("parts"))) == "New entries"


def test_a_look_reads_the_run_and_no_entry(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    """However many watch a quick run, and whoever they are."""
    run = rows.run(state="running")
    statements: list[str] = []
    with _stream(visitor, served_url, run, "?shown=0") as events:
        events.next("parts")
        with app.app_context():
            engine = services_of(app).database.engine
        event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        run_changed(services_of(app), run.id)
        next(iter(events))
    looks = [one for one in statements if one.startswith("SELECT") and "FROM login_sessions" not in one]
    assert looks
    assert all("FROM runs" in statement and "log_entries" not in statement for statement in looks)


def test_two_viewers_are_sent_the_same_whoever_they_are(
    rows: Rows, visitor: requests.Session, served_url: str, administrator: User
) -> None:
    run = rows.run(state="running")
    with requests.Session() as other:
        data = {"email": administrator.email, "password": PASSWORD}
        other.post(f"{served_url}/login", data=data, allow_redirects=False, timeout=120)
        with _stream(visitor, served_url, run) as first, _stream(other, served_url, run) as second:
            assert first.next("parts") == second.next("parts")


def test_a_run_that_ends_says_what_it_came_to_and_fetches_what_can_be_done(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 2)
    with _stream(visitor, served_url, run, "?shown=2") as events:
        events.next("parts")
        rows(make_entries, run.id, 1, outcome="skipped", reason="no_company")
        _finished(rows, run)
        rest = [event for event in events if event.name not in ("comment", "alive")]
    assert [event.name for event in rest][-1] == "over"
    html = "".join(event.data for event in rest)
    assert "Finished" in _parts(html)["run-badge"]
    assert _parts(html)["run-done"] == "3 records: 2 created, 1 skipped."
    fetched = read_page(html).one(hx_get=f"/sync-log/{run.id}")
    assert fetched["hx-select"] == "#run-actions"
    # Somebody may be reading the entries, which are left as they are.
    assert "#run-entries" not in fetched["hx-select-oob"]


def test_entries_come_by_themselves_at_the_end_where_none_were_shown(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run, "?shown=0&outcome=created") as events:
        events.next("parts")
        rows(make_entries, run.id, 120)
        _finished(rows, run)
        html = events.next("parts")
        assert events.next("over") == ""
    assert "Loading the entries" in read_page(html).one(id="no-entries").shown_text
    fetched = read_page(html).one(hx_get=f"/sync-log/{run.id}?outcome=created")
    assert "#run-entries" in fetched["hx-select-oob"]


def test_the_end_of_a_preview_brings_the_way_to_the_run_itself(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", is_preview=True)
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        _finished(rows, run)
        html = "".join(event.data for event in events if event.name != "comment")
    assert "#run-preview" in read_page(html).one(hx_get=f"/sync-log/{run.id}")["hx-select-oob"]
    page = visitor.get(f"{served_url}/sync-log/{run.id}").text
    assert 'id="run-preview"' in page
    assert "It reads what the run would read" not in page


def test_the_stream_of_a_run_that_is_over_ends_at_once(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="failed", error="reconnect")
    with _stream(visitor, served_url, run) as events:
        assert [event.name for event in events] == ["parts", "over"]


@pytest.mark.every_database
def test_a_queued_run_names_the_run_that_goes_first(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    first = rows.run(state="running")
    run = rows(make_run, first.connection_id, kind="push", state="queued", started_at=None)
    with _stream(visitor, served_url, run) as events:
        assert _parts(events.next("parts"))["run-done"] == f"Starts when Pull {first.id} has finished."


def test_a_quiet_stream_gives_signs_of_life(rows: Rows, visitor: requests.Session, served_url: str) -> None:
    """The browser cannot see comments: by an event it knows that the connection is not cut."""
    run = rows.run(state="queued", started_at=None)
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        assert next(iter(events)) == Event("alive", "")


def test_a_busy_run_sends_at_most_four_frames_a_second(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            rows.log(run, {}, {}, {})

    worker = threading.Thread(target=work)
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        began = time.monotonic()
        worker.start()
        try:
            for _ in range(5):
                events.next("parts")
        finally:
            stop.set()
            worker.join()
    # Four gaps of a quarter of a second; a busy machine only makes it longer.
    assert time.monotonic() - began > 0.9


def test_a_part_that_did_not_change_is_not_sent_again(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", totals={"contacts": 1000})
    with _stream(visitor, served_url, run) as events:
        assert "run-badge" in _parts(events.next("parts"))
        rows.log(run, {})
        parts = next(parts for parts in iter(lambda: _parts(events.next("parts")), {}) if "run-done" in parts)
        assert parts["run-done"] == "1 of 1,000 records"
        # Neither the state nor what is read out has changed with one record.
        assert {"run-badge", "run-spoken", "count-companies-created"}.isdisjoint(parts)


def test_a_waiting_stream_holds_no_database_connection(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="queued", started_at=None)
    with _stream(visitor, served_url, run) as first, _stream(visitor, served_url, run) as second:
        first.next("parts")
        second.next("parts")
        pool: QueuePool = services_of(app).database.engine.pool  # type: ignore[assignment]
        deadline = time.monotonic() + PATIENCE_S
        # Now and then one look opens the database for all of them, and closes it.
        while pool.checkedout():
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_stream_may_not_be_kept_or_held_back(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run()
    with _stream(visitor, served_url, run) as events:
        assert events.answer.headers["Content-Type"].startswith("text/event-stream")
        assert events.answer.headers["Cache-Control"] == "no-store"
        assert events.answer.headers["X-Accel-Buffering"] == "no"


def test_there_is_no_stream_without_a_session_or_without_a_run(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run()
    address = f"{served_url}/sync-log/{run.id}/stream"
    assert requests.get(address, allow_redirects=False, timeout=120).status_code == 303
    assert visitor.get(f"{served_url}/sync-log/{run.id + 1}/stream", timeout=120).status_code == 404


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_streams_end_when_their_process_is_about_to(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        hub_of(app).is_ending = lambda: True
        assert [event.name for event in events if event.name not in ("comment", "alive")] == []


def _closes(events: EventReader) -> bool:
    """Whether a stream ends, with nothing but signs of life before."""
    return all(event.name in ("comment", "alive") and looks < 20 for looks, event in enumerate(events))


def test_the_stream_of_a_session_that_is_ended_closes_and_none_opens_again(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        requests.post(
            f"{served_url}/logout", cookies=visitor.cookies, allow_redirects=False, timeout=PATIENCE_S
        ).raise_for_status()
        assert _closes(events)
    again = visitor.get(f"{served_url}/sync-log/{run.id}/stream", allow_redirects=False, timeout=120)
    assert again.status_code == 303


def test_another_role_closes_a_persons_streams(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str, member: User
) -> None:
    """What they show goes by the role; the browser connects again, as who the person is by then."""
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        accounts.set_role(services_of(app), member.id, "administrator")
        assert _closes(events)


def test_a_stream_does_not_go_on_by_a_session_that_got_the_number_of_its_own(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str, member: User
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        with services_of(app).database.writing() as session:
            row = session.scalars(select(LoginSession)).one()
            row.token_hash = sessions.hash_of("another token")
        assert row.user_id == member.id
        assert _closes(events)


def test_deactivating_a_person_closes_their_streams(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str, member: User
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("parts")
        accounts.deactivate(services_of(app), member.id)
        assert _closes(events)
