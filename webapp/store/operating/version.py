"""The version of the database's tables beside that of this program, by the number of its latest migration."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, column, inspect, select, table

_VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
_LINE = re.compile(r"^(down_)?revision = '(\w+)'", re.MULTILINE)
_TABLE = table("alembic_version", column("version_num"))


def is_outdated(engine: Engine) -> bool:
    """Whether migrations are missing; false for a database of a newer program."""
    found = stored(engine)
    return found is None or (found != newest() and found in _revisions()[0])


def is_newer(engine: Engine) -> bool:
    """Whether a newer program, whose migrations this one does not know, has upgraded the database."""
    found = stored(engine)
    return found is not None and found != newest() and not is_earlier(found)


def stored(engine: Engine) -> str | None:
    """The version that the database is at; None where it has no tables of ours."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(_TABLE.name):
            return None
        found: str | None = connection.scalar(select(_TABLE.c.version_num))
        return found


def newest() -> str:
    """The version that this program brings a database to."""
    return _revisions()[1]


def is_earlier(revision: str) -> bool:
    """Whether this program knows how to go on from a version."""
    return revision in _revisions()[0]


@cache
def _revisions() -> tuple[frozenset[str], str]:
    """The revisions that another one follows, and the newest.

    Read as text: importing all migrations would take longer than most commands do.
    """
    found = [_LINE.findall(path.read_text()) for path in _VERSIONS.glob("*.py")]
    own = {name for lines in found for down, name in lines if not down}
    before = {name for lines in found for down, name in lines if down}
    [newest_one] = own - before
    return frozenset(before), newest_one
