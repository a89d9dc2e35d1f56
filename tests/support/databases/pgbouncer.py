"""PgBouncer in front of the tests' PostgreSQL, in transaction mode."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.databases.postgres import as_postgres
from tests.support.servers.scratch import scratch_folder

_PORT = 6432
_FOLLOWS_PREPARED = (1, 21)
_START_S = 120.0


def program() -> str | None:
    """Where PgBouncer is installed, if it is."""
    return shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


@contextmanager
def pgbouncer(server_folder: str) -> Iterator[str]:
    """Runs one, with fewer connections than clients, and yields what follows the database in its URL."""
    with scratch_folder("twinbook-bouncer-") as folder:
        users, configuration = folder / "users", folder / "pgbouncer.ini"
        users.write_text('"postgres" ""\n')
        configuration.write_text(
            f"[databases]\n* = host={server_folder}\n[pgbouncer]\npool_mode = transaction\n"
            f"listen_port = {_PORT}\n"
            f"unix_socket_dir = {folder}\nauth_type = trust\nauth_file = {users}\ndefault_pool_size = 3\n"
            f"ignore_startup_parameters = extra_float_digits\n{_without_prepared()}"
        )
        if os.geteuid() == 0:
            for path in (folder, users, configuration):
                shutil.chown(path, "postgres", "postgres")
        with (folder / "log").open("ab") as log:
            command = [*as_postgres(), program() or "", str(configuration)]
            running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await(running, folder)
            yield f"?host={folder}&port={_PORT}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(_START_S)


def _without_prepared() -> str:
    """Later versions follow prepared statements of their own accord, which not every installation has."""
    printed = subprocess.run(
        [program() or "", "--version"], capture_output=True, text=True, check=True
    ).stdout
    version = tuple(int(part) for part in printed.split()[1].split(".")[:2])
    return "max_prepared_statements = 0\n" if version >= _FOLLOWS_PREPARED else ""


def _await(running: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            psycopg.connect(f"host={folder} port={_PORT} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            if running.poll() is not None or time.monotonic() > deadline:
                text = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PgBouncer did not start:\n{text}") from None
            time.sleep(0.02)
        else:
            return
