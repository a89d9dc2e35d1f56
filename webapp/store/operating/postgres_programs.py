"""PostgreSQL's own programs, run on the database of an engine; what they refuse is said with a remedy."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine

from webapp.errors import RefusedError

# pg_dump of another server, and pg_restore of what a newer pg_dump wrote.
_TOO_OLD = ("server version mismatch", "unsupported version")
_PLACE = re.compile(r"^(psql:<stdin>:\d+: |psql: |pg_\w+: )?((error|detail|ERROR|FATAL): +)?")
# Of what psycopg is told this concerns nobody else.
_OF_DRIVER = "context"


def command(name: str, *options: str) -> list[str]:
    """What starts a program whose answers are read, and so have to be in English.

    Raises:
        RefusedError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise RefusedError("program_missing", program=name)
    return ["/usr/bin/env", "LC_ALL=C", path, *options]


@contextmanager
def database_of(engine: Engine) -> Iterator[tuple[str, str]]:
    """The options that lead a program to the database of an engine; a password goes by a file."""
    _, parameters = engine.dialect.create_connect_args(engine.url)
    given = {name: value for name, value in parameters.items() if name != _OF_DRIVER and value != ""}
    # Several hosts whose ports are all the usual one.
    if not str(given.get("port", "")).strip(","):
        given.pop("port", None)
    with tempfile.TemporaryDirectory() as folder:
        if password := given.pop("password", None):
            given["passfile"] = str(_password_file(Path(folder), str(password)))
        yield "--no-password", f"--dbname={make_conninfo(**given)}"


def run(engine: Engine, name: str, *options: str) -> None:
    """Run a program on the database of an engine.

    Raises:
        RefusedError: it is not installed, or fails.
    """
    with database_of(engine) as database:
        ended = subprocess.run(
            command(name, *options, *database), capture_output=True, text=True, check=False
        )
    if ended.returncode != 0:
        raise refusal(name, ended.stderr)


def refusal(name: str, printed: str, *, otherwise: RefusedError | None = None) -> RefusedError:
    """Why a program has failed, by what it printed.

    Args:
        name: the program.
        printed: on its standard error.
        otherwise: what its failing means where its version is not to blame.
    """
    if any(sign in printed for sign in _TOO_OLD):
        return RefusedError("program_too_old", program=name, answer=answer(printed))
    return otherwise or RefusedError("program_failed", program=name, answer=answer(printed))


def answer(printed: str) -> str:
    """What a program printed, in one line, without its own name before each."""
    lines = [_PLACE.sub("", line).strip() for line in printed.splitlines() if line.strip()]
    return "; ".join(lines[:2]).rstrip(".")


def _password_file(folder: Path, password: str) -> Path:
    path = folder / "pgpass"
    path.touch(mode=0o600)
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    path.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
    return path
