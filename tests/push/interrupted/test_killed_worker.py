"""A push of hundreds of records whose worker is killed again and again: everything is there, once (B14)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.applications.services import current_services
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.invariants import undisturbed
from tests.support.samples import shop
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import WRITES
from webapp.settings import Settings

pytestmark = pytest.mark.long

# Of companies two calls, of contacts five.
_COMPANIES, _CONTACTS = 110, 440


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that has not been started yet."""
    worker = WorkerProcess(settings, tmp_path)
    try:
        yield worker
    finally:
        worker.stop()


@pytest.mark.parametrize(
    "makes_companies",
    [
        pytest.param(False, id=""),
        pytest.param(True, id="automatic companies", marks=pytest.mark.one_database),
    ],
)
def test_killed_cut_and_wiped_it_ends_with_each_object_once(
    with_key: int, sandbox: SandboxServer, worker: WorkerProcess, *, makes_companies: bool
) -> None:
    shop.fill(_COMPANIES, _CONTACTS)
    sandbox.settings(latency_ms=100, auto_company=makes_companies, auto_company_delay_s=0)
    for path in WRITES.values():
        sandbox.fault("cut_after", method="POST", path=path, after=1)
    run_id = pulling.begun(with_key, "push")
    stages = (("companies", 1), ("companies", _COMPANIES), ("contacts", 1), ("contacts", _CONTACTS // 2))
    for number, (object_type, done) in enumerate(stages):
        worker.start()
        wait_until(
            lambda kind=object_type, least=done: undisturbed.done_of(run_id, kind) >= least,  # type: ignore[misc]
            f"{done} {object_type} are done",
        )
        worker.kill()
        if number % 2:
            current_services().redis.flushall()
    worker.start()
    run = undisturbed.wait_for_end(run_id, worker)
    assert (run.state, run.error_text) == ("finished", None)
    assert {kind: sum(run.counts[kind].values()) for kind in ("companies", "contacts")} == {
        "companies": _COMPANIES,
        "contacts": _CONTACTS,
    }
    sandbox.settings(latency_ms=0)
    shop.assert_whole(sandbox, makes_companies=makes_companies)
