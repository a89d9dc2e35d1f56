"""A copy of the whole database, of either kind."""

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from sqlalchemy import Engine

from webapp.domain.operating.manifest import Kind, lost
from webapp.errors import RefusedError
from webapp.store.operating import contents, pooler, postgres_copy, sqlite_copy


class Copy(NamedTuple):
    """A copy in a folder: the name of its file, what it holds, and what proves its ENCRYPTION_KEY."""

    name: str
    counts: dict[str, int]
    key_proof: bytes | None


def kind_of(engine: Engine) -> Kind:
    """The kind of database."""
    return "sqlite" if engine.dialect.name == "sqlite" else "postgresql"


def copy(engine: Engine, folder: Path) -> Copy:
    """Write a copy of one moment, while others go on writing, and read it again.

    Raises:
        RefusedError: it cannot be made, or does not hold what the database did.
    """
    module = _module_of(engine)
    with module.frozen_copy(engine, folder) as connection:
        found = Copy(module.NAME, contents.counts(connection), contents.key_proof(connection))
    if module is postgres_copy:
        _insist_on_all(found.counts, postgres_copy.counts_of(folder / found.name), found.name)
    return found


def put_back(engine: Engine, path: Path, expected: dict[str, int]) -> None:
    """Replace all that the database holds by a copy, which knows that it is an older state.

    Raises:
        RefusedError: it cannot be done, or the result is not what was copied.
    """
    module = _module_of(engine)
    if tables := lost(expected, module.counts_of(path)):
        raise RefusedError("backup_damaged", file=path.name, answer=", ".join(tables))
    module.put_back(engine, path, contents.back_in_time(datetime.now(UTC)))
    emptied = {name: 0 for name in contents.FORGOTTEN if name in expected}
    with engine.connect() as connection:
        _insist_on_all(expected | emptied, contents.counts(connection), path.name)


def _module_of(engine: Engine) -> ModuleType:
    """What copies this kind of database.

    Raises:
        RefusedError: a pooler stands before it. PostgreSQL's programs empty the path on which a connection
            looks for tables, and a pooler hands that connection on to the pages.
    """
    if kind_of(engine) == "sqlite":
        return sqlite_copy
    if pooler.is_before(engine):
        raise RefusedError("behind_pooler")
    return postgres_copy


def _insist_on_all(expected: dict[str, int], found: dict[str, int], name: str) -> None:
    if tables := lost(expected, found):
        raise RefusedError("rows_missing", file=name, tables=tables)
