"""PostgreSQL: a dump comes back in one transaction, so that what is there goes only with it.

pg_restore cannot drop what a dump does not know, such as the tables of a newer version. It writes the dump as
SQL instead, and psql gets that between ours: what drops everything before it, and the COMMIT after it.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import IO

from sqlalchemy import Connection, Engine, UpdateBase, text
from sqlalchemy.exc import DBAPIError

from webapp.errors import RefusedError
from webapp.store.operating import postgres_programs as programs

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
# pg_restore of a newer PostgreSQL sets what an older server does not know.
_UNKNOWN_TO_OLDER = b"SET transaction_timeout "
_FIRST_OF_CONTENT = (b"CREATE ", b"COPY ")
_BLOCK_BYTES = 1024**2
# A server needs a moment to end a connection that was closed.
_LEAVING_S, _ASK_AGAIN_S = 2.0, 0.1


def put_back(engine: Engine, path: Path, changes: Sequence[UpdateBase]) -> None:
    """Have the database be what a dump is behind these changes.

    Raises:
        RefusedError: others use the database, or a program is not there or fails; nothing was changed.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as printed:
        listed = Path(folder, "list")
        listed.write_text(_list_without_extensions(path), encoding="utf-8")
        options = ("--no-owner", "--no-privileges", f"--use-list={listed}", "--file=-", str(path))
        before, behind = _script_before(engine), _script_behind(engine, changes)
        engine.dispose()
        if not _feed(engine, (before, behind), options, printed):
            printed.seek(0)
            raise RefusedError(
                "restore_failed", answer=programs.answer(printed.read().decode(errors="replace"))
            )
    with engine.begin() as connection:
        # By what it knew of empty tables it would plan badly for a minute.
        connection.execute(text("ANALYZE"))


def _list_without_extensions(path: Path) -> str:
    command = programs.command("pg_restore", "--list", str(path))
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        damaged = RefusedError("backup_damaged", file=path.name, answer=programs.answer(listed.stderr))
        raise programs.refusal("pg_restore", listed.stderr, otherwise=damaged)
    lines = listed.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not any(word in line.split() for word in _OF_EXTENSIONS))


def _script_before(engine: Engine) -> str:
    """What begins the transaction and drops all that is there.

    Raises:
        RefusedError: others use the database.
    """
    engine.dispose()
    with engine.connect() as connection:
        if not _have_left(connection):
            raise RefusedError("database_in_use")
        drops = [f"DROP TABLE IF EXISTS {name} CASCADE;" for name in connection.scalars(_TABLES)]
        drops += [f"DROP FUNCTION IF EXISTS {name} CASCADE;" for name in connection.scalars(_FUNCTIONS)]
    # Where it is missing and may not be made, the dump has no index that needs it, or says so.
    with suppress(DBAPIError), engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    quiet = "SET LOCAL client_min_messages = error;"
    return "\n".join(["BEGIN;", "SET LOCAL lock_timeout = '10s';", quiet, *drops, ""])


def _have_left(connection: Connection) -> bool:
    """Whether nobody else uses the database; who has closed a connection just now is given time to end."""
    ends_at_s = time.monotonic() + _LEAVING_S
    while connection.execute(_OTHERS).scalar_one():
        if time.monotonic() > ends_at_s:
            return False
        time.sleep(_ASK_AGAIN_S)
        connection.rollback()  # within one transaction the answer stays the same
    return True


def _script_behind(engine: Engine, changes: Sequence[UpdateBase]) -> str:
    """What changes the database that the dump has made, and ends the transaction."""
    with engine.connect() as connection:
        schema = connection.scalar(_SCHEMA)
    statements = [
        str(one.compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})) for one in changes
    ]
    # A dump leaves no schema behind in which tables are looked for.
    return (
        "".join(f"\n{one};" for one in [f"SET LOCAL search_path TO {schema}", *statements, "COMMIT"]) + "\n"
    )


def _feed(engine: Engine, around: tuple[str, str], options: Sequence[str], printed: IO[bytes]) -> bool:
    """Give psql all of it, and the COMMIT only after the whole dump: without, what it did is undone.

    Args:
        engine: whose database.
        around: the SQL that comes first, and last.
        options: of pg_restore, which writes what is between.
        printed: gets what both programs say.

    Returns:
        Whether both have done their work.
    """
    restore = programs.command("pg_restore", *options)
    psql = programs.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    with (
        programs.database_of(engine) as database,
        Popen(restore, stdout=PIPE, stderr=printed) as dump,
        Popen([*psql, *database], stdin=PIPE, stdout=DEVNULL, stderr=printed) as taking,
    ):
        assert dump.stdout is not None  # noqa: S101 - it was asked for
        assert taking.stdin is not None  # noqa: S101 - the same
        # psql ends at the first error, and does not take the rest.
        with dump.stdout, suppress(BrokenPipeError), taking.stdin as script:
            script.write(around[0].encode())
            copy(dump.stdout, script)
            if dump.wait() == 0:
                script.write(around[1].encode())
    return dump.returncode == taking.returncode == 0


def copy(dump: IO[bytes], script: IO[bytes]) -> None:
    """Copy the SQL of a dump, without a setting at its head that older servers refuse."""
    for line in dump:
        if not line.startswith(_UNKNOWN_TO_OLDER):
            script.write(line)
        if line.startswith(_FIRST_OF_CONTENT):
            break
    shutil.copyfileobj(dump, script, _BLOCK_BYTES)
