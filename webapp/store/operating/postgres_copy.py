"""PostgreSQL: a dump of one moment by its own programs, and back."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from webapp.errors import RefusedError

NAME = "database.dump"

_TABLES = text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = current_schema()")
_FUNCTIONS = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname = current_schema() AND NOT EXISTS"
    " (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name = current_setting('application_name')"
)
# Extensions stay: creating them takes rights that the owner of a database need not have.
_OF_EXTENSIONS = ("EXTENSION",)


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
        _run(engine, "pg_dump", *options, f"--file={path}")
        yield connection


def counts_of_dump(path: Path) -> dict[str, int]:
    """How many rows a dump has for each table, by reading all of it.

    Raises:
        RefusedError: it cannot be read to its end.
    """
    found: dict[str, int] = {}
    command = [_program("pg_restore"), "--data-only", "--file=-", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
        assert reading.stdout is not None  # noqa: S101 - it was asked for
        assert reading.stderr is not None  # noqa: S101 - the same
        table = ""
        for line in reading.stdout:
            if table and line == b"\\.\n":
                table = ""
            elif table:
                found[table] += 1
            elif line.startswith(b"COPY "):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                found[table] = 0
        printed = reading.stderr.read().decode(errors="replace")
    if reading.returncode != 0:
        raise RefusedError("backup_damaged", file=path.name, answer=_last_line(printed))
    return found


def put_back(engine: Engine, path: Path) -> None:
    """Have the database be what a dump is: all in it goes first, then the dump comes in one transaction.

    Raises:
        RefusedError: others use the database, or pg_restore is not there or fails.
    """
    _program("pg_restore")
    engine.dispose()
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        if connection.execute(_OTHERS).scalar_one():
            raise RefusedError("database_in_use")
        _drop_all(connection)
    engine.dispose()
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "list")
        listed.write_text(_list_without_extensions(path), encoding="utf-8")
        options = ("--no-owner", "--no-privileges", "--single-transaction", f"--use-list={listed}")
        _run(engine, "pg_restore", *options, last=str(path))
    with engine.begin() as connection:
        # By what it knew of empty tables it would plan badly for a minute.
        connection.execute(text("ANALYZE"))


def _drop_all(connection: Connection) -> None:
    for name in connection.scalars(_TABLES).all():
        connection.execute(text(f"DROP TABLE IF EXISTS {name} CASCADE"))
    for name in connection.scalars(_FUNCTIONS).all():
        connection.execute(text(f"DROP FUNCTION IF EXISTS {name} CASCADE"))
    # Where it is missing and may not be made, the dump has no index that needs it, or says so.
    with suppress(DBAPIError), connection.begin_nested():
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))


def _list_without_extensions(path: Path) -> str:
    command = [_program("pg_restore"), "--list", str(path)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        raise RefusedError("backup_damaged", file=path.name, answer=_last_line(listed.stderr))
    lines = listed.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not any(word in line.split() for word in _OF_EXTENSIONS))


def _run(engine: Engine, program: str, *options: str, last: str | None = None) -> None:
    """Run one of PostgreSQL's programs on the database of an engine; the password goes by a file."""
    parameters: dict[str, Any] = engine.url.translate_connect_args(username="user", database="dbname")
    parameters |= engine.url.query
    with tempfile.TemporaryDirectory() as folder:
        if password := parameters.pop("password", None):
            parameters["passfile"] = str(_password_file(Path(folder), str(password)))
        command = [_program(program), *options, "--no-password", f"--dbname={make_conninfo(**parameters)}"]
        ended = subprocess.run(
            [*command, *([last] if last else [])], capture_output=True, text=True, check=False
        )
    if ended.returncode != 0:
        raise RefusedError("program_failed", program=program, answer=_last_line(ended.stderr))


def _password_file(folder: Path, password: str) -> Path:
    path = folder / "pgpass"
    path.touch(mode=0o600)
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    path.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    return path


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RefusedError("program_missing", program=name)
    return found


def _last_line(text_: str) -> str:
    """What a program has said last, which is why it ended."""
    lines = [line for line in text_.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
