"""Of many schedules exactly one acts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask

from tests.support.applications.worker_process import wait_until
from webapp.app import services_of
from webapp.processes import schedule
from webapp.services import Services


class Acts:
    """Counts how often each schedule has acted."""

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()

    def record(self, _: Services) -> None:
        self.by_name[threading.current_thread().name] += 1


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> Acts:
    """A schedule of one task, in quick motion."""
    acts = Acts()
    monkeypatch.setattr(schedule, "TASKS", ((0.0, acts.record),))
    monkeypatch.setattr(schedule, "TICK_S", 0.02)
    monkeypatch.setattr(schedule, "LEASE_MS", 400)
    return acts


@contextmanager
def running(app: Flask, name: str) -> Iterator[threading.Event]:
    """A schedule at work; set the event to stop it as a crash does, without a word to the others."""
    stop = threading.Event()
    thread = threading.Thread(target=schedule.run_schedule, args=(services_of(app), stop), name=name)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join()


def test_of_two_schedules_one_acts_and_the_other_takes_over_when_it_is_gone(app: Flask, acts: Acts) -> None:
    with ExitStack() as stack:
        stops = {name: stack.enter_context(running(app, name)) for name in ("one", "two")}
        wait_until(lambda: acts.by_name.total() >= 20, "the schedule has acted")
        assert len(acts.by_name) == 1
        (first,) = acts.by_name
        stops.pop(first).set()
        (second,) = stops
        wait_until(lambda: acts.by_name[second] >= 5, "the other one has taken over")


def test_a_task_that_fails_is_tried_again_and_does_not_stop_the_others(
    app: Flask, acts: Acts, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[int] = []

    def fail(_: Services) -> None:
        failures.append(1)
        raise ValueError("broken")

    monkeypatch.setattr(schedule, "TASKS", ((0.0, fail), (0.0, acts.record)))
    with running(app, "one"):
        wait_until(lambda: acts.by_name["one"] >= 3 and len(failures) >= 3, "both tasks have been tried")
