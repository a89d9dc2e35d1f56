"""Redis wiped or gone in the middle of a pull: it costs time, never work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from rq import Queue

from tests.support.applications.services import current_services
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.invariants import undisturbed
from tests.support.pages.run_pages import run_page
from tests.support.samples.factories import make_run
from tests.support.samples.messy_portal import CONTACTS
from tests.support.servers.redis_server import redis_server
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run
from webapp.settings import Settings
from webapp.usecases.runs import lifecycle, queues

pytestmark = [pytest.mark.long, pytest.mark.one_database]


class OwnRedis:
    """A server of this test's own, to be stopped and started."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._stack = ExitStack()
        self.url = ""
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        self.url = self._stack.enter_context(redis_server(self._socket))

    def stop(self) -> None:
        """End it with all that it holds."""
        self._stack.close()
        self._socket.unlink(missing_ok=True)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    with TemporaryDirectory(prefix="twinbook-redis-") as folder:
        server = OwnRedis(Path(folder) / "redis.sock")
        yield server
        server.stop()


@pytest.fixture
def redis_url(own_redis: OwnRedis) -> str:
    """In place of the one that all tests share."""
    return own_redis.url


def test_a_pull_goes_on_after_redis_was_wiped(
    connection_id: int, portal: SandboxServer, own_redis: OwnRedis, worker: WorkerProcess
) -> None:
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    portal.settings(latency_ms=250)
    run_id = pulling.begun(connection_id)
    worker.start()
    for least in (1, CONTACTS // 2):
        wait_until(lambda least=least: undisturbed.done_of(run_id, "contacts") >= least, "contacts are done")  # type: ignore[misc]
        with Redis.from_url(own_redis.url) as client:
            client.flushall()
    undisturbed.assert_whole(undisturbed.wait_for_end(run_id, worker), expected, counts)


def test_a_run_asked_for_without_redis_waits_and_is_worked_off_when_it_is_back(
    connection_id: int, own_redis: OwnRedis, worker: WorkerProcess
) -> None:
    own_redis.stop()
    run_id = pulling.begun(connection_id)
    assert pulling.run_of(run_id).waiting_for == "redis"
    own_redis.start()
    worker.start()
    assert undisturbed.wait_for_end(run_id, worker).state == "finished"


def test_a_worker_started_without_redis_waits_for_it(
    connection_id: int, own_redis: OwnRedis, worker: WorkerProcess
) -> None:
    own_redis.stop()
    run_id = pulling.begun(connection_id)
    worker.start()
    wait_until(lambda: "worker_waits_for_redis" in worker.log(), "the worker waits")
    own_redis.start()
    assert undisturbed.wait_for_end(run_id, worker).state == "finished"
    assert "process_ended" not in worker.log()


def test_a_slice_that_is_lost_with_redis_shows_on_its_run(
    connection_id: int, own_redis: OwnRedis, worker: WorkerProcess
) -> None:
    """Nobody works on it who could say so."""
    run_id = pulling.begun(connection_id)
    assert pulling.run_of(run_id).waiting_for == "queue"
    own_redis.stop()
    pulling.change(run_id, touched_at=datetime.now(UTC) - timedelta(minutes=1))
    worker.start()
    wait_until(lambda: pulling.run_of(run_id).waiting_for == "redis", "the run says what it waits for")
    assert pulling.run_of(run_id).state == "running"


def test_a_slice_lost_by_a_worker_that_died_as_soon_as_it_had_taken_it_is_queued_again(
    connection_id: int, own_redis: OwnRedis
) -> None:
    run_id = pulling.begun(connection_id)
    with Redis.from_url(own_redis.url) as client:
        assert client.blpop([Queue(name, connection=client).key for name in queues.QUEUES], 1) is not None
    pulling.change(run_id, touched_at=datetime.now(UTC) - timedelta(minutes=1))
    lost = pulling.run_of(run_id).fence
    lifecycle.sweep(current_services())
    fence = pulling.run_of(run_id).fence
    assert fence > lost
    assert queues.is_slice_alive(current_services(), run_id, fence)


def test_a_pull_waits_for_redis_says_so_and_goes_on_when_it_is_back(
    connection_id: int, settings: Settings, own_redis: OwnRedis, worker: WorkerProcess
) -> None:
    run_id = pulling.begun(connection_id)
    worker.start()
    wait_until(lambda: undisturbed.done_of(run_id, "companies") > 0, "a page is done")
    own_redis.stop()
    wait_until(lambda: pulling.run_of(run_id).waiting_for == "redis", "the run says what it waits for")
    assert "waiting for the queue server (Redis) to answer again" in run_page(
        settings, run_id
    ).lower().replace("redis", "Redis")
    pulling.change(run_id, not_before=datetime.now(UTC) + timedelta(hours=3))
    own_redis.start()
    run = undisturbed.wait_for_end(run_id, worker)
    assert (run.state, run.waiting_for) == ("finished", None)
    assert sum(run.counts["contacts"].values()) == CONTACTS
    entries = pulling.entries(run_id)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))


@pytest.mark.every_database
def test_once_redis_answers_only_runs_go_on_that_have_waited_for_it_for_a_while(connection_id: int) -> None:
    """What waits for HubSpot keeps its time, and nobody asks a Redis that comes and goes all the time."""
    now = datetime.now(UTC)
    later, a_while = now + timedelta(hours=3), timedelta(seconds=lifecycle.WAITS_FOR_REDIS_S)
    waits = (
        ("refresh", "redis", now - 2 * a_while),
        ("auto_push", "redis", now - a_while / 2),
        ("reconcile", "daily_limit", now - timedelta(hours=1)),
    )
    for kind, name, at in waits:
        waiting = {"waiting_for": name, "touched_at": at, "not_before": later}
        make_run(connection_id, kind=kind, state="running", **waiting)
    lifecycle.go_on_with_redis(current_services())
    assert [run.kind for run in pulling.all_rows(Run) if run.not_before != later] == ["refresh"]
