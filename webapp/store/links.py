"""Writes the same values into many links at once, in the caller's transaction."""

from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam
from sqlalchemy.orm import Session

from webapp.models import Link
from webapp.store.lists import dialect_of, listed, parameter


def stamp(session: Session, link_ids: list[int], **values: Any) -> None:
    """Give all of these links the same values, in one statement."""
    if link_ids:
        dialect = dialect_of(session)
        statement = _statement(dialect, tuple(values))
        session.execute(statement, {"link_ids": parameter(dialect, link_ids), **values})


@cache
def _statement(dialect: str, columns: tuple[str, ...]) -> Update:
    table: Any = Link.__table__
    is_wanted = listed(dialect, table.c.id, "link_ids")
    return table.update().where(is_wanted).values({name: bindparam(name) for name in columns})  # type: ignore[no-any-return]
