"""A private PostgreSQL server for tests: migrated once into a template database, which tests get copied."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.applications.app import let_go, migrate
from tests.support.databases import lock_waits, postgres_copy
from tests.support.databases.lock_waits import LockWaits
from tests.support.servers.scratch import scratch_folder

_START_S = 120.0
# The server trusts everybody on its socket. It is to be seen in no output.
_PASSWORD = "only-the-test-asks-this-database"
_TEMPLATE, _COPY, _BARE = "twinbook_template", "twinbook", "twinbook_bare"
# Nothing of a test outlives it, so nothing has to reach the disk.
_SPEED = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    # What was written before the last checkpoint is cleared away: it may take memory.
    "min_wal_size=32MB",
    "max_wal_size=64MB",
    "shared_buffers=64MB",
)


class PostgresServer:
    """A running server with a migrated template database."""

    def __init__(self, socket_folder: Path, process: _Process) -> None:
        self._socket_folder = socket_folder
        self._process = process
        self._admin = psycopg.connect(self._conninfo("postgres"), autocommit=True)
        self._admin.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(self._url(_TEMPLATE), socket_folder / "instance")
        self._shape = postgres_copy.shape(self._conninfo(_TEMPLATE))
        self._has_copy = False
        self._emptying: psycopg.Connection | None = None
        self._was_restarted = False

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yields the URL of a migrated, empty database, which has the same name every time."""
        if not self._has_copy:
            self._admin.execute(f"CREATE DATABASE {_COPY} TEMPLATE {_TEMPLATE}")
            self._has_copy = True
        try:
            yield self._url(_COPY)
        finally:
            if self._was_restarted:
                let_go(self._url(_COPY))
                self._was_restarted = False
            if not self._was_emptied():
                self._let_go_of_copy()
                let_go(self._url(_COPY))
                self._admin.execute(f"DROP DATABASE {_COPY} WITH (FORCE)")
                self._has_copy = False

    @contextmanager
    def unmigrated(self) -> Iterator[str]:
        """Yields the URL of a database of its own, without tables."""
        self._admin.execute(f"CREATE DATABASE {_BARE}")
        try:
            yield self._url(_BARE)
        finally:
            self._admin.execute(f"DROP DATABASE {_BARE} WITH (FORCE)")

    @contextmanager
    def watching_locks(self, apart_from: str) -> Iterator[LockWaits]:
        """Have whoever waits for a lock for a second stand in the server's log.

        Args:
            apart_from: the name by which the connections are known that may wait.
        """
        for change in lock_waits.WATCHING:
            self._admin.execute(f"ALTER SYSTEM SET {change}")
        self._admin.execute("SELECT pg_reload_conf()")
        try:
            yield LockWaits(self._socket_folder / "server.log", apart_from)
        finally:
            for change in lock_waits.WATCHING:
                self._admin.execute(f"ALTER SYSTEM RESET {change.partition(' ')[0]}")
            self._admin.execute("SELECT pg_reload_conf()")

    def restart(self) -> None:
        """End the server at once, whoever is connected, and start it again."""
        self._was_restarted = True
        self.close()
        self._process.stop()
        self._process.start()
        self._admin = psycopg.connect(self._conninfo("postgres"), autocommit=True)

    def close(self) -> None:
        """Let go of the server."""
        self._let_go_of_copy()
        self._admin.close()

    def _was_emptied(self) -> bool:
        # The same connection for each test: it knows the tables already.
        if self._emptying is None:
            self._emptying = psycopg.connect(self._conninfo(_COPY), autocommit=True)
        return postgres_copy.empty(self._emptying, self._shape)

    def _let_go_of_copy(self) -> None:
        if self._emptying is not None:
            self._emptying.close()
            self._emptying = None

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres:{_PASSWORD}@/{database}?host={self._socket_folder}"

    def _conninfo(self, database: str) -> str:
        return f"host={self._socket_folder} user=postgres dbname={database}"


@contextmanager
def postgres_server(settings: Sequence[str] = _SPEED) -> Iterator[PostgresServer]:
    """Runs a server in a folder of its own, as another user when we are root, which it refuses.

    `settings` differ from PostgreSQL's own: what is measured has none.

    Raises:
        RuntimeError: no server is installed, or it does not start; the message says what to do.
    """
    programs = _programs()
    with scratch_folder("twinbook-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        options = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*as_postgres(), programs / "initdb", "-D", data, *options], check=True, capture_output=True
        )
        process = _Process(programs, data, folder, settings)
        try:
            process.start()
            server = PostgresServer(folder, process)
            yield server
            server.close()
        finally:
            process.stop()


class _Process:
    """The server's process."""

    def __init__(self, programs: Path, data: Path, folder: Path, settings: Sequence[str]) -> None:
        given = ["listen_addresses=", f"unix_socket_directories={folder}", *settings]
        options = [part for setting in given for part in ("-c", setting)]
        self._command = [*as_postgres(), str(programs / "postgres"), "-D", str(data), *options]
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(self._command, stdout=log, stderr=log)
        _await(self._server, self._folder)

    def stop(self) -> None:
        if self._server is not None:
            # SIGINT is PostgreSQL's quick and clean end, which does not wait for clients.
            self._server.send_signal(signal.SIGINT)
            self._server.wait(_START_S)
            self._server = None


def _await(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                log = (folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
            time.sleep(0.02)
        else:
            return


def as_postgres() -> list[str]:
    """What runs a program as a user PostgreSQL accepts, and ends it with us."""
    setpriv = shutil.which("setpriv")
    if not setpriv:
        return []
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig=INT"]
    return [setpriv, "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=INT"]


def _programs() -> Path:
    """The folder of the newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise RuntimeError("PostgreSQL's server is not installed: apt-get install postgresql")
