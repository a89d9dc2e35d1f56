"""PostgreSQL: a dump of one moment by its own programs, and back."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from webapp.errors import RefusedError
from webapp.store.operating import postgres_programs as programs
from webapp.store.operating.postgres_return import put_back

__all__ = ["NAME", "counts_of", "frozen_copy", "put_back"]

NAME = "database.dump"


@contextmanager
def frozen_copy(engine: Engine, folder: Path) -> Iterator[Connection]:
    """Write a dump into a folder, while others go on writing; yields a connection that sees the same moment.

    Raises:
        RefusedError: pg_dump is not there, or fails, or what it wrote does not have all rows.
    """
    path = folder / NAME
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        moment = connection.scalar(text("SELECT pg_export_snapshot()"))
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}")
        programs.run(engine, "pg_dump", *options, f"--file={path}")
        yield connection


def counts_of(path: Path) -> dict[str, int]:
    """How many rows a dump has for each table, by reading all of it.

    Raises:
        RefusedError: it cannot be read to its end.
    """
    counts: dict[str, int] = {}
    command = programs.command("pg_restore", "--data-only", "--file=-", str(path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert reading.stdout is not None  # noqa: S101 - it was asked for
        assert reading.stderr is not None  # noqa: S101 - the same
        table = ""
        for line in reading.stdout:
            if table and line == b"\\.\n":
                table = ""
            elif table:
                counts[table] += 1
            elif line.startswith(b"COPY "):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                counts[table] = 0
        printed = reading.stderr.read().decode(errors="replace")
    if reading.returncode != 0:
        damaged = RefusedError("backup_damaged", file=path.name, answer=programs.answer(printed))
        raise programs.refusal("pg_restore", printed, otherwise=damaged)
    return counts
