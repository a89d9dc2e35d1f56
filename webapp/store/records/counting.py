"""How many records a list has: exactly where that is cheap, else over or about so many, and said so."""

from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.store.database.lists import dialect_of
from webapp.store.records.lists import MOST_SORTED, Question, found_ids, narrowed
from webapp.store.records.records import TABLES

MOST_COUNTED = 10_000
"""Filtered lists are counted up to this many."""

_ESTIMATED = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")


class Count(Struct, frozen=True):
    """A number of records: `exact`ly so many, `over` so many, or `about` so many."""

    value: int
    kind: Literal["exact", "over", "about"] = "exact"


def count_found(session: Session, object_type: ObjectType, question: Question) -> Count | None:
    """How many records a list has; None where only looking at each would tell."""
    if question.standing == "excluded":
        return None
    if question.search.strip():
        return _up_to(len(found_ids(session, object_type, question, MOST_SORTED + 1)), MOST_SORTED)
    if question.standing == "any":
        return count_all(session, object_type, question.state)
    table: Any = TABLES[object_type]
    return _bounded(session, narrowed(session, object_type, question, select(table.id)))


def count_all(session: Session, object_type: ObjectType, state: str = "active") -> Count:
    """How many records there are of a type."""
    table: Any = TABLES[object_type]
    inactive = select(table.id).where(table.is_active.is_(False))
    if state == "inactive":
        return _bounded(session, inactive)
    left_out = 0 if state == "any" else _bounded(session, inactive).value
    if dialect_of(session) == "sqlite":
        # It counts the entries of its smallest index, a page at a time.
        return Count((session.scalar(select(func.count()).select_from(table)) or 0) - left_out)
    found = _bounded(session, select(table.id))
    if found.kind == "exact":
        return Count(found.value - left_out)
    estimated = int(session.scalar(_ESTIMATED, {"name": table.__tablename__}) or 0)
    if estimated - left_out > MOST_COUNTED:
        return Count(estimated - left_out, "about")
    return Count(max(found.value - left_out, 0), "over")


def _bounded(session: Session, query: Select[Any]) -> Count:
    bounded = query.limit(MOST_COUNTED + 1).subquery()
    return _up_to(session.scalar(select(func.count()).select_from(bounded)) or 0, MOST_COUNTED)


def _up_to(found: int, most: int) -> Count:
    return Count(most, "over") if found > most else Count(found)
