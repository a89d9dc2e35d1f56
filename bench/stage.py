"""What a measurement is made on: databases, Redis, portals, and runs by a worker process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from redis import Redis
from sqlalchemy import func, select, update

from tests.support.applications.app import application, environment, make_settings
from tests.support.applications.services import current_services, reading, writing
from tests.support.databases.postgres import PostgresServer, postgres_server
from tests.support.databases.sqlite import SqliteFiles
from tests.support.servers.redis_server import redis_server
from tests.support.servers.sandbox_server import ROOT, TOKEN, SandboxServer
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.models import CreationCheck, Run
from webapp.settings import Settings
from webapp.store.connection import connections
from webapp.store.runs import log
from webapp.store.runs import runs as store
from webapp.usecases.connection import connect
from webapp.usecases.runs import lifecycle
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.run import UndoRequest

_PULL_LIMIT_S = 1_800.0
_POLL_S = 0.1
_START_S = 30.0


class Floor(NamedTuple):
    """What the floor took for a portal's records."""

    took_s: float
    cpu_s: float
    records: int

    @property
    def records_per_s(self) -> float:
        """How many records a second."""
        return self.records / self.took_s


class Work(NamedTuple):
    """What one run took: from the press of the button to its end, and its worker's share."""

    took_s: float
    cpu_s: float
    memory_mib: float
    statements: int
    records: int
    calls: int
    counts: dict[str, dict[str, int]]

    @property
    def us_per_record(self) -> float:
        """Microseconds a record, from beginning to end."""
        return self.took_s / self.records * 1e6


class Stage:
    """A folder, a Redis, migrated databases and portals; all of it ends with the bench.

    `postgres` is None where no server is installed.
    """

    def __init__(self, folder: Path, redis_url: str, postgres: PostgresServer | None) -> None:
        self.folder = folder
        self.postgres = postgres
        self._redis_url = redis_url
        self._sqlite = SqliteFiles(folder)

    @property
    def databases(self) -> dict[str, str]:
        """The kinds of databases that there are, with their names."""
        return {"sqlite": "SQLite"} | ({} if self.postgres is None else {"postgresql": "PostgreSQL"})

    @contextmanager
    def database(self, kind: str) -> Iterator[str]:
        """A migrated, empty database of a kind: `sqlite` or `postgresql`."""
        files = self._sqlite if kind == "sqlite" else self.postgres
        assert files is not None
        with files.fresh() as url:
            yield url

    @contextmanager
    def connected(self, database_url: str, portal: SandboxServer) -> Iterator[Flask]:
        """An application that is connected to a portal."""
        with Redis.from_url(self._redis_url) as redis:
            redis.flushall()
        settings = self.settings(database_url, portal)
        with application(settings) as app, app.app_context():
            connect.connect_with_token(current_services(), TOKEN, user_id=None)
            yield app

    def settings(self, database_url: str, portal: SandboxServer) -> Settings:
        """What the worker of a measurement is started with."""
        given = {"redis_url": self._redis_url, "hubspot_api_url": portal.url, "hubspot_app_url": portal.url}
        return make_settings(self.folder / "instance", database_url, **given)

    def floor(self, portal: SandboxServer) -> Floor:
        """Measure the floor of a pull in a process of its own."""
        return self.by_program("bench.pull.floor", portal)

    def by_program(self, module: str, portal: SandboxServer) -> Floor:
        """Measure a program that reads a portal into a new SQLite file."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            return _floor(module, portal, f"{name}/read.db")

    def postgres_floor(self, portal: SandboxServer) -> Floor:
        """The same into PostgreSQL."""
        with self.database("postgresql") as url:
            return _floor("bench.pull.floor", portal, url)

    def push_floor(self, portal: SandboxServer, companies: int) -> Floor:
        """Measure the floor of a push in a process of its own."""
        return _floor("bench.push.floor", portal, str(companies))

    def pull(self, database_url: str, portal: SandboxServer) -> Work:
        """Measure one pull."""
        return self.run("pull", database_url, portal)

    def run(
        self,
        kind: str,
        database_url: str,
        portal: SandboxServer,
        *,
        is_preview: bool = False,
        workers: int = 1,
    ) -> Work:
        """Measure one run, worked off by fresh worker processes. Call it within `connected`.

        Of several workers the CPU, memory and statements are those of the first.
        """

        def start(connection_id: int) -> int:
            return _started(kind, connection_id, is_preview=is_preview)

        with ExitStack() as others:
            for _ in range(workers - 1):
                others.enter_context(self._worker(database_url, portal))
            return self._measured(start, database_url, portal)

    def finish_checks(self, database_url: str, portal: SandboxServer) -> None:
        """Have everything checked that pushes made, as if its time had come: no measured run pays for it."""
        portal.settings(search_delay_s=0)
        long_ago = datetime.now(UTC) - 2 * CHECKED_AFTER
        with writing() as session:
            session.execute(update(CreationCheck).values(not_before=long_ago))
            session.execute(update(Run).where(Run.finished_at.is_not(None)).values(finished_at=long_ago))
        with self._worker(database_url, portal) as worker:
            _await(lambda: not _count_of_checks(), worker, "the checks did not end")

    def undo_latest(self, database_url: str, portal: SandboxServer, *, is_preview: bool = False) -> Work:
        """Measure the undo of the run that was measured last, or the preview of that undo."""

        def start(connection_id: int) -> int:
            return _started_undo(connection_id, is_preview=is_preview)

        return self._measured(start, database_url, portal)

    def _measured(self, start: Callable[[int], int], database_url: str, portal: SandboxServer) -> Work:
        with Redis.from_url(self._redis_url) as redis, self._worker(database_url, portal) as worker:
            _await_worker(redis, worker)
            with reading() as session:
                connection = connections.current(session)
            assert connection is not None
            run = _await_end(start(connection.id), worker)
            worker.terminate()
            used = json.loads(worker.communicate(timeout=_START_S)[0])
        records = sum(sum(run["counts"].get(kind, {}).values()) for kind in OBJECT_TYPES)
        return Work(**used, **run, records=records)

    @contextmanager
    def _worker(self, database_url: str, portal: SandboxServer) -> Iterator[subprocess.Popen[str]]:
        given = os.environ | environment(self.settings(database_url, portal)) | {"PYTHONPATH": str(ROOT)}
        with (self.folder / "worker.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "bench.worker"],
                env=given,
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        with worker:
            try:
                yield worker
            finally:
                worker.kill()


@contextmanager
def set_up() -> Iterator[Stage]:
    """Start what every measurement needs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twinbook-bench-")))
        redis_url = stack.enter_context(redis_server())
        try:
            postgres = stack.enter_context(postgres_server(()))
        except RuntimeError as error:
            print(f"Without PostgreSQL: {error}", file=sys.stderr)
            postgres = None
        yield Stage(folder, redis_url, postgres)


def _floor(module: str, portal: SandboxServer, argument: str) -> Floor:
    program = [sys.executable, "-m", module, portal.url, TOKEN, argument]
    done = subprocess.run(
        program, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=_PULL_LIMIT_S
    )
    return Floor(**json.loads(done.stdout))


def _started(kind: str, connection_id: int, *, is_preview: bool) -> int:
    return lifecycle.start(
        current_services(),
        kind,
        connection_id=connection_id,
        trigger="command",
        started_by_id=None,
        is_preview=is_preview,
    ).run_id


def _started_undo(connection_id: int, *, is_preview: bool) -> int:
    with reading() as session:
        row = log.latest_row(session, connection_id, "pull", is_preview=False)
    assert row is not None
    return undo_run.start(
        current_services(),
        UndoRequest(run_id=row.run.id),
        trigger="command",
        user_id=None,
        is_preview=is_preview,
    ).run_id


def _await_worker(redis: Redis, worker: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _START_S
    while not redis.scard("rq:workers"):
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the worker did not start")
        time.sleep(0.02)


def _await_end(run_id: int, worker: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a run's end; its time, calls and counts."""
    deadline = time.monotonic() + _PULL_LIMIT_S
    while True:
        with reading() as session:
            run = store.get(session, run_id)
        assert run is not None
        if run.state not in ("queued", "running"):
            break
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the run did not end: {run.state}, waiting for {run.waiting_for}")
        time.sleep(_POLL_S)
    if run.state != "finished":
        raise RuntimeError(f"the run ended as {run.state}: {run.error_text}")
    return {
        "took_s": _seconds(run.started_at, run.finished_at),
        "calls": run.api_calls,
        "counts": run.counts,
    }


def _count_of_checks() -> int:
    """How many checks are left, and runs that work on them."""
    with reading() as session:
        left = session.scalar(select(func.count()).select_from(CreationCheck)) or 0
        open_ = select(func.count()).select_from(Run).where(Run.kind == "check", Run.finished_at.is_(None))
        return left + (session.scalar(open_) or 0)


def _await(question: Callable[[], bool], worker: subprocess.Popen[str], otherwise: str) -> None:
    deadline = time.monotonic() + _PULL_LIMIT_S
    while not question():
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(_POLL_S)


def _seconds(began: datetime | None, ended: datetime | None) -> float:
    assert began is not None
    assert ended is not None
    return (ended - began).total_seconds()
