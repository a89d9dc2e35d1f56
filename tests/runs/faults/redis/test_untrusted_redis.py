"""Redis holds work, never code: what somebody else has put into it runs nothing."""

from __future__ import annotations

import inspect
import io
import json
import logging
import select
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from redis import Redis
from rq import Queue
from rq.job import Job
from structlog.testing import capture_logs

from tests.support.applications import jobs as test_jobs
from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.factories import make_connection, make_run
from webapp import allowed_jobs, jobs
from webapp.allowed_jobs import NAMES, named_queue
from webapp.installation import logs
from webapp.processes.queue_worker import queue_worker
from webapp.usecases.runs import lifecycle
from webapp.usecases.runs.queues import BULK, QUEUES

pytestmark = pytest.mark.one_database


@pytest.fixture
def redis(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Redis:  # noqa: ARG001 - for what it brings about
    test_jobs.have_queued(monkeypatch)
    # The test's own process takes no signals.
    monkeypatch.setattr("webapp.processes.queue_worker.QueueWorker._install_signal_handlers", lambda _: None)
    return current_services().redis


EVE = "eve@example.com"


def work_off(redis: Redis) -> None:
    queue_worker(QUEUES, redis).work(burst=True, logging_level="CRITICAL")


def noted(redis: Redis) -> list[str]:
    names: list[Any] = redis.lrange(test_jobs.RECORDED, 0, -1)
    return [name.decode() for name in names]


def test_whatever_the_queues_carry_is_a_public_function_of_the_jobs() -> None:
    public = {
        name
        for name, one in inspect.getmembers(jobs, inspect.isfunction)
        if one.__module__ == jobs.__name__ and not name.startswith("_")
    }
    assert public - {"bind"} == NAMES


def test_a_job_of_ours_is_kept_as_json_and_runs(redis: Redis) -> None:
    queued = named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 7)
    stored: Any = redis.hget(queued.key, "data")
    kept = json.loads(zlib.decompress(stored))
    assert kept == ["webapp.jobs.record_place", None, [2, 7], {}]
    work_off(redis)
    assert noted(redis) == ["bulk 7"]


def write_by_hand(redis: Redis, data: Any, **fields: str) -> Job:
    """A job as whoever writes to Redis would make one."""
    queued = named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 1)
    mapping: dict[Any, Any] = {"data": zlib.compress(json.dumps(data).encode()), **fields}
    redis.hset(queued.key, mapping=mapping)
    return queued


@pytest.mark.parametrize(
    "data",
    [
        ["os.mkdir", None, ["{path}"], {}],
        ["tests.support.applications.jobs.record_place", None, [2, 1], {}],
        ["webapp.jobs.bind", None, [1], {}],
        ["webapp.jobs.slices.run_slice", None, [1], {}],
        ["webapp.jobs.record_place", None, ["2", "1"], {}],
        ["webapp.jobs.record_place", None, [2, "1"], {}],
        ["webapp.jobs.record_place", None, [2, True], {}],
        ["webapp.jobs.record_place", None, [2], {"number": 1}],
        ["webapp.jobs.record_place", "os", [2, 1], {}],
        [["webapp.jobs.record_place"], None, [2, 1], {}],
        ["webapp.jobs.record_place", None, 5, {}],
        {"webapp.jobs.record_place": 1},
        "webapp.jobs.record_place",
    ],
    ids=str,
)
def test_a_job_that_names_anything_else_runs_nothing_and_the_next_one_runs(
    redis: Redis, tmp_path: Path, data: Any
) -> None:
    folder = tmp_path / "made"
    write_by_hand(redis, json.loads(json.dumps(data).replace("{path}", str(folder))))
    named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 2)
    work_off(redis)
    assert not folder.exists()
    assert noted(redis) == ["bulk 2"]


@pytest.mark.parametrize("ending", ["success_callback_name", "failure_callback_name"])
def test_nothing_that_a_job_wants_done_at_its_end_is_done(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    called: list[object] = []
    monkeypatch.setattr(test_jobs, "called_back", lambda *given: called.append(given), raising=False)
    arguments = [2, 1] if ending.startswith("success") else [99, 1]
    data: list[Any] = ["webapp.jobs.record_place", None, arguments, {}]
    write_by_hand(redis, data, **{ending: "tests.support.applications.jobs.called_back"})
    work_off(redis)
    assert called == []


@pytest.mark.parametrize("ending", ["finished", "failed"])
def test_no_address_is_called_that_a_job_names(redis: Redis, ending: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        called = {"url": address, "job_status": ending, "method": "POST", "headers": None, "timeout": 1}
        data: list[Any] = ["webapp.jobs.record_place", None, [2 if ending == "finished" else 99, 1], {}]
        write_by_hand(redis, data, webhooks=json.dumps([called]))
        work_off(redis)
        assert select.select([listening], [], [], 0)[0] == [], "somebody has called"


def test_no_job_repeats_itself(redis: Redis) -> None:
    data: list[Any] = ["webapp.jobs.record_place", None, [2, 1], {}]
    write_by_hand(redis, data, repeats_left="3", repeat_intervals="[0]")
    work_off(redis)
    assert noted(redis) == ["bulk 1"]


def test_a_job_of_some_object_is_refused_before_it_runs(redis: Redis) -> None:
    write_by_hand(redis, ["webapp.jobs.record_place", "os", [2, 1], {}])
    with capture_logs() as log:
        work_off(redis)
    assert "job_refused" in [line["event"] for line in log]


def test_redis_does_not_keep_by_what_a_job_has_failed(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error may quote a record."""

    def fail(_queue: int, _number: int) -> None:
        raise ValueError("eve@example.com")

    monkeypatch.setattr(jobs, "record_place", fail)
    queued = named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 1)
    work_off(redis)
    result = queued.latest_result()
    assert result is not None
    assert (result.type, result.exc_string) == (result.Type.FAILED, "")


def test_the_log_says_where_a_job_has_failed_and_quotes_nothing(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_queue: int, _number: int) -> None:
        int(EVE * _number)

    monkeypatch.setattr(jobs, "record_place", fail)
    logs.configure(current_services().settings)
    of_rq = io.StringIO()
    monkeypatch.setattr(logging.getLogger("rq.worker"), "handlers", [logging.StreamHandler(of_rq)])
    queued = named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 4711)
    queue_worker(QUEUES, redis).work(burst=True, logging_level="WARNING")
    structlog.reset_defaults()
    log = capfd.readouterr().err + of_rq.getvalue()
    assert queued.id in log
    assert "in fail" in log
    assert "eve@" not in log
    assert "4711" not in log


def test_jobs_that_an_earlier_version_has_pickled_are_dropped_and_their_runs_go_on(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[tuple[int, int]] = []
    monkeypatch.setattr(jobs, "run_slice", lambda run_id, fence: worked.append((run_id, fence)))
    run = make_run(make_connection().id, kind="delete", state="running", fence=3)
    Queue(BULK, connection=redis).enqueue("webapp.jobs.run_slice", run.id, 3, job_id=f"run-{run.id}-3")
    bound_jobs()
    work_off(redis)
    assert worked == []
    lifecycle.sweep(current_services())
    work_off(redis)
    assert [run_id for run_id, _ in worked] == [run.id]


def test_deeply_nested_json_is_refused_like_any_other_nonsense(redis: Redis) -> None:
    queued = named_queue(redis, BULK).enqueue("webapp.jobs.record_place", 2, 1)
    redis.hset(queued.key, "data", zlib.compress(b"[" * 100_000 + b"]" * 100_000))
    work_off(redis)
    assert noted(redis) == []
    assert allowed_jobs.named_queue(redis, BULK).failed_job_registry.count == 1
