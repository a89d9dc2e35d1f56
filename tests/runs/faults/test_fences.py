"""Of the copies of a slice exactly one works, however many there are (B14)."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.invariants import undisturbed
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.runs import slices


@pytest.fixture(autouse=True)
def _at_once(portal: SandboxServer) -> None:
    portal.settings(latency_ms=0)


def test_a_slice_that_comes_twice_is_worked_off_once(
    connection_id: int, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    fence = pulling.run_of(run_id).fence
    slices.run_slice(current_services(), run_id, fence, bulk_pull.work)
    once, calls = pulling.run_of(run_id), portal.counts()["calls"]
    slices.run_slice(current_services(), run_id, fence, bulk_pull.work)
    twice = pulling.run_of(run_id)
    assert (twice.counts, twice.last_seq, twice.fence) == (once.counts, once.last_seq, once.fence)
    assert portal.counts()["calls"] == calls


def test_two_copies_at_the_same_time_do_the_work_of_one(in_app: Flask, connection_id: int) -> None:
    """A Redis that comes back from its disk may hand out a job that somebody works on."""
    expected, counts = undisturbed.pull(connection_id)
    run_id = pulling.begun(connection_id)
    fence = pulling.run_of(run_id).fence

    def work() -> None:
        with in_app.app_context():
            slices.run_slice(current_services(), run_id, fence, bulk_pull.work)

    copies = [threading.Thread(target=work) for _ in range(3)]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()
    undisturbed.assert_whole(pulling.worked_off(run_id), expected, counts)


def test_an_older_slice_does_nothing(connection_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    before = pulling.one_slice(run_id)
    for fence in range(before.fence):
        slices.run_slice(current_services(), run_id, fence, bulk_pull.work)
    after = pulling.run_of(run_id)
    assert (after.counts, after.last_seq, after.fence) == (before.counts, before.last_seq, before.fence)


def test_a_worker_killed_between_the_last_page_and_the_end_counts_that_page_once(
    connection_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, counts = undisturbed.pull(connection_id)

    class Killed(BaseException):
        """Nothing of ours runs after it."""

    def die(*_: object) -> None:
        raise Killed

    run_id = pulling.begun(connection_id)
    with monkeypatch.context() as patch:
        patch.setattr(bulk_pull, "_finish", die)
        with pytest.raises(Killed):
            pulling.worked_off(run_id)
    assert pulling.run_of(run_id).state == "running"
    undisturbed.assert_whole(pulling.wait_is_over(run_id), expected, counts)
