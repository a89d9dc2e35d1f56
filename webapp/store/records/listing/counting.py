"""The size of a list: exact where that is cheap, else over or about a number, and marked so."""

import math
import time
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.store.database.lists import dialect_of
from webapp.store.records.listing import lists
from webapp.store.records.listing.lists import Question, narrowed, shown_beside_standing
from webapp.store.records.listing.standing import FEW_MATCHES, many_ids
from webapp.store.records.records import TABLES

MOST_COUNTED = 10_000
"""Filtered lists are counted up to this many."""

# Whether a record stands so is looked up for each, as long as they are many.
_MET_ONE_BY_ONE = ("linked", "unlinked", "in_sync")
_COUNTED_EVERY_S = 60.0
_COUNTED: dict[tuple[str, str], tuple[float, int]] = {}
_ESTIMATED = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")


class Count(Struct, frozen=True):
    """A number of records: `exact`ly so many, `over` so many, or `about` so many."""

    value: int
    kind: Literal["exact", "over", "about"] = "exact"


def count_found(
    session: Session, object_type: ObjectType, question: Question, found: int | None
) -> Count | None:
    """How many records a list has; None where only looking at each would tell.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        question: The list.
        found: What `lists.Listed` says.
    """
    if question.standing == "excluded":
        return None
    if found is not None:
        return _up_to(found, lists.MOST_SORTED)
    if question.standing == "any":
        return count_all(session, object_type, question.state)
    table: Any = TABLES[object_type]
    most = FEW_MATCHES if question.standing in _MET_ONE_BY_ONE else MOST_COUNTED
    is_meant = (question.connection_id, object_type, question.standing)
    listed = many_ids(session, is_meant, *shown_beside_standing(object_type, question))
    if listed is not None:
        return _bounded(session, listed, FEW_MATCHES)
    found_query = narrowed(session, object_type, question, select(table.id))
    if question.standing == "unlinked":
        # In the order of their own index, which PostgreSQL else passes over.
        found_query = found_query.order_by(table.sort_key, table.id)
    return _bounded(session, found_query, most)


def count_all(session: Session, object_type: ObjectType, state: str = "active") -> Count:
    """How many records there are of a type."""
    table: Any = TABLES[object_type]
    # In the order of its index, which PostgreSQL then needs no row for.
    inactive = select(table.id).where(table.is_active.is_(False)).order_by(table.sort_key, table.id)
    if state == "inactive":
        return _bounded(session, inactive)
    left_out = 0 if state == "any" else _bounded(session, inactive).value
    found = _bounded(session, select(table.id))
    if found.kind == "exact":
        return Count(found.value - left_out)
    estimated = _estimated(session, table)
    if estimated - left_out > MOST_COUNTED:
        return Count(estimated - left_out, "about")
    return Count(max(found.value - left_out, 0), "over")


def _estimated(session: Session, table: Any) -> int:
    """About how many rows a large table has: what PostgreSQL knows, and what SQLite counted lately."""
    if dialect_of(session) == "postgresql":
        return int(session.scalar(_ESTIMATED, {"name": table.__tablename__}) or 0)
    key = (str(session.get_bind().engine.url), table.__tablename__)
    at_s, count = _COUNTED.get(key, (-math.inf, 0))
    if time.monotonic() - at_s > _COUNTED_EVERY_S:
        count = session.scalar(select(func.count()).select_from(table)) or 0
        _COUNTED[key] = (time.monotonic(), count)
    return count


def _bounded(session: Session, query: Select[Any], most: int | None = None) -> Count:
    most = MOST_COUNTED if most is None else most
    bounded = query.limit(most + 1).subquery()
    return _up_to(session.scalar(select(func.count()).select_from(bounded)) or 0, most)


def _up_to(found: int, most: int) -> Count:
    return Count(most, "over") if found > most else Count(found)
