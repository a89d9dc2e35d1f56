"""The live log over real HTTP: a replacement first, then increments, and an end."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask import Flask

from tests.support.events import Event, EventReader
from tests.support.factories import NOW, make_entries
from tests.support.page import read_page
from tests.support.rows import Rows
from webapp.app import services_of
from webapp.models import Run, User
from webapp.usecases.people import accounts


def _seqs(html: str) -> list[int]:
    """The entries in a frame, in their order."""
    return [int(one["id"].removeprefix("entry-")) for one in read_page(html).all("li", class_="entry")]


def _parts(html: str) -> dict[str, str]:
    """The other parts of the page that a frame brings up to date."""
    return {one["id"]: one.shown_text for one in read_page(html).all("div", hx_swap_oob="innerHTML")}


def _stream(visitor: requests.Session, served_url: str, run: Run, query: str = "") -> EventReader:
    return EventReader(visitor, f"{served_url}/sync-log/{run.id}/stream{query}")


def _finished(rows: Rows, run: Run) -> None:
    rows.change(run, state="finished", finished_at=NOW + timedelta(seconds=30))


def test_a_stream_begins_with_the_newest_two_hundred_entries(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 230)
    with _stream(visitor, served_url, run) as events:
        assert _seqs(events.next("replacement")) == list(range(230, 30, -1))


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_what_happens_later_arrives_by_itself_after_what_was_sent(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", totals={"companies": 4})
    rows(make_entries, run.id, 1, object_type="companies")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        rows.log(run, {"object_type": "companies"}, {"object_type": "companies", "name": "Café Grün & Söhne"})
        html = events.next("increment")
        assert _seqs(html) == [3, 2]
        assert "Café Grün & Söhne" in read_page(html).shown_text
        assert _parts(html)["run-done"] == "3 of 4 records"
        assert _parts(html)["count-companies-created"] == "3"
        rows.log(run, {"object_type": "companies"})
        assert _seqs(events.next("increment")) == [4]
        _finished(rows, run)


def test_a_frame_holds_at_most_fifty_entries_and_counts_the_others(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        assert "No entries yet" in events.next("replacement")
        rows.log(run, *({} for _ in range(180)))
        html = events.next("increment")
        assert _seqs(html) == list(range(180, 130, -1))
        assert "130 more" in _parts(html)["run-left-out"]


def test_a_busy_run_sends_at_most_two_frames_a_second(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            rows.log(run, {}, {}, {})

    worker = threading.Thread(target=work)
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        began = time.monotonic()
        worker.start()
        try:
            for _ in range(5):
                events.next("increment")
        finally:
            stop.set()
            worker.join()
    # Four gaps of half a second; a busy machine only makes it longer.
    assert time.monotonic() - began > 1.9


def test_a_part_that_did_not_change_is_not_sent_again(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", totals={"contacts": 1000})
    with _stream(visitor, served_url, run) as events:
        assert "run-badge" in _parts(events.next("replacement"))
        rows.log(run, {})
        parts = next(
            parts for parts in iter(lambda: _parts(events.next("increment")), {}) if "run-done" in parts
        )
        assert parts["run-done"] == "1 of 1,000 records"
        # Neither the state nor what is read out has changed with one record.
        assert {"run-badge", "run-spoken", "count-companies-created"}.isdisjoint(parts)


def test_a_finished_run_sends_its_last_entries_and_closes(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 2)
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        rows(make_entries, run.id, 1, outcome="failed", reason="unexpected")
        _finished(rows, run)
        rest = [event for event in events if event.name != "comment"]
    assert [event.name for event in rest][-1] == "over"
    html = "".join(event.data for event in rest)
    assert 3 in _seqs(html)
    assert "Finished" in _parts(html)["run-badge"]
    assert _parts(html)["run-actions"] == ""


def test_the_end_of_a_preview_brings_the_way_to_the_run_itself(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running", is_preview=True)
    with _stream(visitor, served_url, run) as events:
        assert "run-preview" not in _parts(events.next("replacement"))
        _finished(rows, run)
        html = "".join(event.data for event in events if event.name != "comment")
    assert f'hx-get="/sync-log/{run.id}"' in html
    page = visitor.get(f"{served_url}/sync-log/{run.id}").text
    assert 'id="run-preview"' in page
    assert "It reads what the run would read" not in page


def test_nothing_is_missing_after_the_end_however_quick_the_run_was(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        rows(make_entries, run.id, 120)
        _finished(rows, run)
        assert _seqs(events.next("replacement")) == list(range(120, 0, -1))
        assert events.next("over") == ""


def test_the_stream_of_a_run_that_is_over_ends_at_once(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="failed", error="reconnect")
    with _stream(visitor, served_url, run) as events:
        assert [event.name for event in events] == ["replacement", "over"]


def test_a_filtered_page_streams_only_what_fits_the_filter(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    rows(make_entries, run.id, 3)
    with _stream(visitor, served_url, run, "?outcome=failed") as events:
        assert _seqs(events.next("replacement")) == []
        rows.log(run, {}, {"outcome": "failed", "reason": "unexpected"}, {})
        assert _seqs(_with_entries(events)) == [5]
        many: dict[str, Any] = {"outcome": "failed", "reason": "unexpected"}
        rows.log(run, *(many for _ in range(60)), {})
        html = _with_entries(events)
        assert len(_seqs(html)) == 50
        assert "10 more" in _parts(html)["run-left-out"]


def _with_entries(events: EventReader) -> str:
    return next(html for html in iter(lambda: events.next("increment"), "") if _seqs(html))


def test_two_viewers_see_the_same(rows: Rows, visitor: requests.Session, served_url: str) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as first, _stream(visitor, served_url, run) as second:
        first.next("replacement")
        second.next("replacement")
        rows.log(run, {}, {})
        assert _seqs(_with_entries(first)) == _seqs(_with_entries(second)) == [2, 1]


def test_connecting_again_replaces_what_was_shown(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
    rows.log(run, {}, {})
    with _stream(visitor, served_url, run) as events:
        assert _seqs(events.next("replacement")) == [2, 1]


def test_a_quiet_stream_gives_signs_of_life(rows: Rows, visitor: requests.Session, served_url: str) -> None:
    run = rows.run(state="queued", started_at=None)
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        assert next(iter(events)) == Event("comment", "still here")


def test_a_waiting_stream_holds_no_database_connection(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="queued", started_at=None)
    with _stream(visitor, served_url, run) as first, _stream(visitor, served_url, run) as second:
        first.next("replacement")
        second.next("replacement")
        assert services_of(app).database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


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
    assert requests.get(address, allow_redirects=False, timeout=10).status_code == 303
    assert visitor.get(f"{served_url}/sync-log/{run.id + 1}/stream", timeout=10).status_code == 404


@pytest.mark.parametrize("keepalive_s", [60.0])
def test_streams_end_when_their_process_is_about_to(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        app.extensions["twinbook.wakeups"].is_ending = lambda: True
        assert [event.name for event in events if event.name != "comment"] == []


def _closes(events: EventReader) -> bool:
    """Whether a stream ends, with nothing but signs of life before."""
    return all(event.name == "comment" and looks < 20 for looks, event in enumerate(events))


def test_the_stream_of_a_session_that_is_ended_closes_and_none_opens_again(
    rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        requests.post(
            f"{served_url}/logout", cookies=visitor.cookies, allow_redirects=False, timeout=10
        ).raise_for_status()
        assert _closes(events)
    again = visitor.get(f"{served_url}/sync-log/{run.id}/stream", allow_redirects=False, timeout=10)
    assert again.status_code == 303


def test_deactivating_a_person_closes_their_streams(
    app: Flask, rows: Rows, visitor: requests.Session, served_url: str, member: User
) -> None:
    run = rows.run(state="running")
    with _stream(visitor, served_url, run) as events:
        events.next("replacement")
        accounts.deactivate(services_of(app), member.id)
        assert _closes(events)
