"""Writes to links outside of a sync's own results, in the caller's transaction."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Update, and_, bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.models import FieldMapping, Link
from webapp.store.database.lists import among, dialect_of, listed, parameter
from webapp.store.links.every_connection import in_every_connection


def stamp(session: Session, link_ids: list[int], **values: Any) -> None:
    """Give all of these links the same values, in one statement."""
    if link_ids:
        dialect = dialect_of(session)
        statement = _statement(dialect, tuple(values))
        session.execute(statement, {"link_ids": parameter(dialect, link_ids), **values})


def remember_before(
    session: Session, object_type: ObjectType, edited: Mapping[int, Mapping[str, Value]]
) -> None:
    """Keep what fields held before an edit, by record, where no sync has seen them since they were mapped.

    Else nothing would show afterwards that they were changed here, and the edit would not be sent.
    """
    is_of_link = and_(
        FieldMapping.connection_id == Link.connection_id, FieldMapping.object_type == Link.object_type
    )
    query = (
        select(Link, FieldMapping.field)
        .join(FieldMapping, is_of_link)
        .where(
            in_every_connection(object_type),
            among(session, Link.record_id, list(edited)),
            FieldMapping.knows_blanks.is_(True),
        )
    )
    for link, field in session.execute(query):
        before = edited[link.record_id]
        if field in before and field not in link.local_seen:
            link.local_seen = {**link.local_seen, field: before[field]}


@cache
def _statement(dialect: str, columns: tuple[str, ...]) -> Update:
    table: Any = Link.__table__
    is_listed = listed(dialect, table.c.id, "link_ids")
    return table.update().where(is_listed).values({name: bindparam(name) for name in columns})  # type: ignore[no-any-return]
