"""Whatever fails behind the live pages of a process, its pages go on."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import requests
from flask import Flask
from structlog.testing import capture_logs

from tests.support.pages.events import EventReader
from tests.support.samples.rows import Rows
from webapp.models import Run
from webapp.web.live import sse
from webapp.web.live.sse import hub_of
from webapp.web.live.stream_places import StreamPlaces, of_threads

pytestmark = pytest.mark.one_database


class _Forgetful(StreamPlaces):
    """Places of which the first cannot be given back."""

    def __init__(self) -> None:
        super().__init__(10, 10)
        self._has_failed = False

    def take(self, person: int) -> Callable[[], None] | None:
        """A place whose return fails once, if it is a person's."""
        give_back = super().take(person)

        def fail_once() -> None:
            if person and not self._has_failed:
                self._has_failed = True
                raise LookupError("the place is not known")
            assert give_back is not None
            give_back()

        return fail_once


@pytest.fixture
def run(rows: Rows) -> Run:
    return rows.run(state="running")


def test_where_all_fail_together_each_may_connect_again(
    visitor: requests.Session, served_url: str, run: Run, app: Flask
) -> None:
    sse.share_places(app, _Forgetful(), of_threads())
    address = f"{served_url}/sync-log/{run.id}/stream"
    with (
        capture_logs() as logs,
        EventReader(visitor, address) as one,
        EventReader(visitor, address) as other,
    ):
        one.next("parts")
        other.next("parts")
        one.answer.close()
        assert [event.name for event in other if event.name == "parts"] == [], "it has ended"
    assert [line["open_pages"] for line in logs if line["event"] == "live_pages_failed"] == [1]
    with EventReader(visitor, address) as again:
        assert "running" in again.next("parts")


def test_pages_get_their_news_when_the_process_has_files_again(
    visitor: requests.Session, served_url: str, run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    makes = socket.socketpair
    failures: list[OSError] = []

    def pair() -> tuple[socket.socket, socket.socket]:
        if not failures:
            failures.append(OSError(24, "Too many open files"))
            raise failures[0]
        return makes()

    monkeypatch.setattr(socket, "socketpair", pair)
    assert not hub_of(app).is_at_work
    with EventReader(visitor, f"{served_url}/sync-log/{run.id}/stream") as reader:
        assert "running" in reader.next("parts")
    assert failures
