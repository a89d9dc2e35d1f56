"""A worker that dies in the middle of a pull: the run goes on by itself, and nobody can tell (B14)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.applications.services import writing
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.invariants import undisturbed
from tests.support.samples.messy_portal import COMPANIES, CONTACTS
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.store.runs import runs

pytestmark = pytest.mark.long


def test_a_pull_whose_worker_is_killed_again_and_again_ends_as_if_nothing_had_been(
    connection_id: int, portal: SandboxServer, worker: WorkerProcess
) -> None:
    """B14: among the companies, at the change of type, among the contacts, and anywhere."""
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    portal.settings(latency_ms=250)
    run_id = pulling.begun(connection_id)
    for object_type, done in (("companies", 1), ("companies", COMPANIES), ("contacts", CONTACTS // 2)):
        worker.start()
        wait_until(
            lambda kind=object_type, least=done: undisturbed.done_of(run_id, kind) >= least,  # type: ignore[misc]
            f"{done} {object_type} are done",
        )
        worker.kill()
        assert pulling.run_of(run_id).state == "running"
    worker.start()
    undisturbed.assert_whole(undisturbed.wait_for_end(run_id, worker), expected, counts)
    assert portal.counts()["writes"] == 0


def test_the_supervisor_replaces_a_killed_worker_and_its_pull_goes_on(
    connection_id: int, worker: WorkerProcess
) -> None:
    run_id = pulling.begun(connection_id)
    worker.start()
    wait_until(lambda: undisturbed.done_of(run_id, "companies") > 0, "a page is done")
    worker.kill_child()
    run = undisturbed.wait_for_end(run_id, worker)
    assert (run.state, run.waiting_for) == ("finished", None)
    assert sum(run.counts["contacts"].values()) == CONTACTS
    assert "process_ended" in worker.log()


def test_a_worker_killed_between_two_slices_leaves_a_run_that_goes_on(
    connection_id: int, portal: SandboxServer, worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next slice had its fence already, and never reached the queue."""
    portal.settings(latency_ms=0)
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    run = pulling.one_slice(run_id)
    with writing() as session:
        assert runs.next_fence(session, run_id, run.fence, datetime.now(UTC)) == run.fence + 1
    worker.start()
    run = undisturbed.wait_for_end(run_id, worker)
    assert run.state == "finished"
    assert {kind: sum(counts.values()) for kind, counts in run.counts.items()} == {
        "companies": COMPANIES,
        "contacts": CONTACTS,
    }
