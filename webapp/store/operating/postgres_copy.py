"""PostgreSQL: a dump of one moment by its own programs, and back."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, UpdateBase, text
from sqlalchemy.exc import DBAPIError

from webapp.errors import RefusedError

NAME = "database.dump"

_TABLES = text("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = current_schema()")
_FUNCTIONS = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE n.nspname = current_schema() AND NOT EXISTS"
    " (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)
_SCHEMA = text("SELECT quote_ident(current_schema())")
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


def put_back(engine: Engine, path: Path, changes: Sequence[UpdateBase]) -> None:
    """Have the database be what a dump is behind these changes, in one transaction.

    Cut off, killed or refused it leaves everything as it was.

    Raises:
        RefusedError: others use the database, or a program of PostgreSQL's is not there or fails.
    """
    programs = _program("pg_restore"), _program("psql")
    engine.dispose()
    with engine.begin() as connection:
        if connection.execute(_OTHERS).scalar_one():
            raise RefusedError("database_in_use")
        dropping, schema = _dropping(connection), connection.scalar(_SCHEMA)
        # Where it is missing and may not be made, the dump has no index that needs it, or says so.
        with suppress(DBAPIError), connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    engine.dispose()
    # What a dump says ends with no schema to look for tables in.
    behind = [f"SET LOCAL search_path TO {schema}", *(_as_text(engine, one) for one in changes), "COMMIT"]
    _replace(engine, path, (dropping, "".join(f"{one};\n" for one in behind)), *programs)
    with engine.begin() as connection:
        # By what it knew of empty tables it would plan badly for a minute.
        connection.execute(text("ANALYZE"))


def _dropping(connection: Connection) -> str:
    """The beginning of a transaction, which takes away all that is in the database."""
    tables, functions = connection.scalars(_TABLES).all(), connection.scalars(_FUNCTIONS).all()
    statements = [
        "BEGIN",
        "SET LOCAL lock_timeout = '10s'",
        "SET LOCAL client_min_messages = warning",
        *(f"DROP TABLE IF EXISTS {name} CASCADE" for name in tables),
        *(f"DROP FUNCTION IF EXISTS {name} CASCADE" for name in functions),
    ]
    return "".join(f"{one};\n" for one in statements)


def _as_text(engine: Engine, statement: UpdateBase) -> str:
    return str(statement.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True}))


def _replace(engine: Engine, path: Path, around: tuple[str, str], pg_restore: str, psql: str) -> None:
    """Have psql carry out what pg_restore writes, between the beginning and the end of a transaction."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "list").write_text(_list_without_extensions(path), encoding="utf-8")
        read = ("--no-owner", "--no-privileges", f"--use-list={folder / 'list'}", "--file=-", str(path))
        write = ("--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1")
        with (
            _started(folder, pg_restore, *read, stdout=subprocess.PIPE) as reading,
            _started(
                folder, psql, *write, f"--dbname={_address(engine, folder)}", stdin=subprocess.PIPE
            ) as writing,
        ):
            _hand_over(reading, writing, *around)
        for program, ended in ((psql, writing), (pg_restore, reading)):
            if ended.returncode != 0:
                printed = (folder / Path(program).name).read_text(encoding="utf-8", errors="replace")
                answer = _last_line(printed)
                raise RefusedError("program_failed", program=Path(program).name, answer=answer)


@contextmanager
def _started(
    folder: Path, program: str, *options: str, stdin: int | None = None, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that writes what goes wrong into a file of its own name."""
    with (
        (folder / Path(program).name).open("wb") as errors,
        subprocess.Popen([program, *options], stdin=stdin, stdout=stdout, stderr=errors) as process,
    ):
        yield process


def _hand_over(
    reading: "subprocess.Popen[bytes]", writing: "subprocess.Popen[bytes]", begin: str, end: str
) -> None:
    """Write the transaction; its end only once all was read, so that a part of a dump changes nothing."""
    assert reading.stdout is not None  # noqa: S101 - it was asked for
    assert writing.stdin is not None  # noqa: S101 - the same
    # Where psql has stopped at an error, its exit code says so.
    with suppress(BrokenPipeError), reading.stdout, writing.stdin:
        writing.stdin.write(begin.encode())
        shutil.copyfileobj(reading.stdout, writing.stdin)
        if reading.wait() == 0:
            writing.stdin.write(end.encode())


def _list_without_extensions(path: Path) -> str:
    command = [_program("pg_restore"), "--list", str(path)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        raise RefusedError("backup_damaged", file=path.name, answer=_last_line(listed.stderr))
    lines = listed.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not any(word in line.split() for word in _OF_EXTENSIONS))


def _run(engine: Engine, program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the database of an engine."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"--dbname={_address(engine, Path(folder))}"
        command = [_program(program), *options, "--no-password", address]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RefusedError("program_failed", program=program, answer=_last_line(ended.stderr))


def _address(engine: Engine, folder: Path) -> str:
    """The database of an engine as the programs take it; the password goes by a file in this folder."""
    parameters: dict[str, Any] = engine.url.translate_connect_args(username="user", database="dbname")
    parameters |= engine.url.query
    if password := parameters.pop("password", None):
        parameters["passfile"] = str(_password_file(folder, str(password)))
    return make_conninfo(**parameters)


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
