"""Two who begin the same at the same moment, by two clicks or beside the schedule, begin one run (B13)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.support.applications.services import current_services, writing
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.runs.hourly import hourly_step as step_of_hour
from webapp.models import Run
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs import hourly, queries
from webapp.usecases.duplicates import scan
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs.lifecycle import Started

# So long the other one has to come in between, or to be found waiting.
_OTHER_S = 1.0


def _scan() -> Started:
    return scan.start(current_services(), trigger="button", user_id=None)


def _reconcile() -> Started:
    return begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)


@pytest.mark.parametrize(
    ("kind", "start", "module"),
    [("find_duplicates", _scan, queries), ("reconcile", _reconcile, reconcile_walk)],
)
def test_of_two_at_once_the_second_is_led_to_the_run_of_the_first(
    *,
    in_app: Flask,
    connection_id: int,
    portal: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    start: Callable[[], Started],
    module: Any,
) -> None:
    portal.settings(latency_ms=0)
    pulling.pulled(connection_id)
    real, begun = module.open_run, []

    def begin_too() -> None:
        with in_app.app_context():
            begun.append(start())

    other = threading.Thread(target=begin_too)

    def open_run(*given: Any, **named: Any) -> Any:
        found = real(*given, **named)
        if threading.current_thread() is not other and not other.ident:
            other.start()
            other.join(_OTHER_S)
        return found

    monkeypatch.setattr(module, "open_run", open_run)
    begun.append(start())
    other.join()
    [run] = pulling.all_rows(Run, kind=kind)
    assert [one.run_id for one in begun] == [run.id, run.id]
    assert sorted(one.is_new for one in begun) == [False, True]


def test_of_two_that_begin_the_runs_of_an_hour_at_once_one_does(
    *, in_app: Flask, connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The schedule, and a worker at the end of the run before."""
    begun: list[tuple[int, int] | None] = []

    def begin() -> None:
        with writing() as session:
            now = datetime.now(UTC)
            begun.append(hourly.begin(session, connection_id=connection_id, kind="refresh", now=now))

    def begin_too() -> None:
        with in_app.app_context():
            begin()

    other = threading.Thread(target=begin_too)

    def hourly_step(*given: Any) -> Any:
        if threading.current_thread() is not other and not other.ident:
            other.start()
            other.join(_OTHER_S)
        return step_of_hour(*given)

    monkeypatch.setattr(hourly, "hourly_step", hourly_step)
    begin()
    other.join()
    [run] = pulling.all_rows(Run, kind="refresh")
    assert sorted(begun, key=str) == [(run.id, 0), None]
