"""Conditions for lists by sync state. They read nothing but key columns."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import FailingRecord, HeldRecord, Link, OutboxRecord
from webapp.store.database.lists import among, among_found, has_no_row, has_row
from webapp.store.records.records import TABLES

Standing = Literal[
    "any", "linked", "unlinked", "in_sync", "pending", "excluded", "held", "failing", "stopped", "gone"
]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

# Up to this many rows are looked up and sorted; with more, walking along the order of the list finds a page
# of them sooner.
FEW_MATCHES = 2_000
_NOT_LISTED = ("any", "linked", "unlinked", "in_sync", "excluded")
_TROUBLED: tuple[Standing, ...] = ("pending", "held", "failing")
_LINK_STATES: dict[str, tuple[str, ...]] = {"stopped": ("stopped",), "gone": ("gone", "refused")}


def stands(
    session: Session, connection_id: int | None, object_type: ObjectType, standing: Standing
) -> ColumnElement[bool]:
    """Whether a record has a sync state; for `excluded` the caller applies the rules to unlinked records."""
    if connection_id is None:
        return true() if standing in ("any", "unlinked") else false()
    table: Any = TABLES[object_type]
    if standing in ("unlinked", "excluded"):
        return _unlinked(session, connection_id, object_type)
    if standing == "linked":
        return _linked(session, connection_id, object_type)
    if standing == "in_sync":
        troubled = [source for name in _TROUBLED for source in _sources(connection_id, object_type, name)[:1]]
        works = _linked(session, connection_id, object_type, Link.state == "linked")
        return and_(works, *(has_no_row(_of(source, table.id)) for source in troubled))
    few = few_ids(session, connection_id, object_type, standing)
    if few is not None:
        return among(session, table.id, few)
    return or_(*(has_row(_of(one, table.id)) for one in _sources(connection_id, object_type, standing)))


def few_ids(
    session: Session, connection_id: int | None, object_type: ObjectType, standing: Standing
) -> list[int] | None:
    """The records in a state that has a short list of its own; else None."""
    if connection_id is None or standing in _NOT_LISTED:
        return None
    found: set[int] = set()
    for source in _sources(connection_id, object_type, standing):
        found.update(session.scalars(source.limit(FEW_MATCHES + 1)))
    return sorted(found) if len(found) <= FEW_MATCHES else None


def stands_by_list(
    session: Session, connection_id: int | None, object_type: ObjectType, standing: Standing
) -> ColumnElement[bool] | None:
    """The same, of a state with a long list of its own, by reading all of that list first; else None."""
    if connection_id is None or not _has_long_list(session, connection_id, object_type, standing):
        return None
    listed = union_all(*_sources(connection_id, object_type, standing))
    return among_found(session, TABLES[object_type].id, listed)


def _has_long_list(session: Session, connection_id: int, object_type: ObjectType, standing: Standing) -> bool:
    is_listed = standing not in _NOT_LISTED
    return is_listed and few_ids(session, connection_id, object_type, standing) is None


def many_ids(
    session: Session, question_of: tuple[int | None, ObjectType, Standing], *shown: ColumnElement[bool]
) -> Select[Any] | None:
    """The records of a state with a long list of its own that meet a further condition; else None.

    They are read from that list; otherwise the table of records would be read from its beginning.
    """
    connection_id, object_type, standing = question_of
    if connection_id is None or not _has_long_list(session, connection_id, *question_of[1:]):
        return None
    listed = union_all(*_sources(connection_id, object_type, standing)).subquery()
    number = TABLES[object_type].id
    return select(listed.c[0]).where(has_row(select(number).where(number == listed.c[0], *shown)))


def exceptions(
    session: Session, connection_id: int | None, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, str]:
    """The sync states of those records that are not in sync.

    Empty without a connection.
    """
    if connection_id is None or not ids:
        return {}
    links = dict(
        session.execute(
            select(Link.record_id, Link.state).where(
                _of_type(Link, connection_id, object_type), Link.record_id.in_(ids)
            )
        ).all()
    )
    found = {number: "unlinked" for number in ids if number not in links}
    for listed, name in ((OutboxRecord, "pending"), (FailingRecord, "failing"), (HeldRecord, "held")):
        of_type = _of_type(listed, connection_id, object_type)
        listed_ids = session.scalars(select(listed.record_id).where(of_type, listed.record_id.in_(ids)))
        found.update((number, name) for number in listed_ids if number is not None)
    return found | {number: state for number, state in links.items() if state != "linked"}


def is_few(session: Session, matches: Select[Any]) -> bool:
    """Whether a query has so few rows that looking each up is cheap."""
    bounded = matches.limit(FEW_MATCHES + 1).subquery()
    return (session.scalar(select(func.count()).select_from(bounded)) or 0) <= FEW_MATCHES


def _of_type(listed: Any, connection_id: int, object_type: ObjectType) -> ColumnElement[bool]:
    return and_(listed.connection_id == connection_id, listed.object_type == object_type)


def _linked(
    session: Session, connection_id: int, object_type: ObjectType, *conditions: Any
) -> ColumnElement[bool]:
    of_type = _of_type(Link, connection_id, object_type)
    linked = select(Link.record_id).where(of_type)
    # In the order of the index; otherwise PostgreSQL reads the table for the first rows of this type.
    if is_few(session, linked.order_by(Link.record_id)):
        found: ColumnElement[bool] = TABLES[object_type].id.in_(linked.where(*conditions))
        return found
    return _has_link(connection_id, object_type, *conditions)


def _has_link(connection_id: int, object_type: ObjectType, *conditions: Any) -> ColumnElement[bool]:
    return has_row(_its_link(connection_id, object_type, *conditions))


def _its_link(connection_id: int, object_type: ObjectType, *conditions: Any) -> Select[Any]:
    """The link of the record at hand."""
    of_type = _of_type(Link, connection_id, object_type)
    return select(Link.record_id).where(of_type, Link.record_id == TABLES[object_type].id, *conditions)


def _unlinked(session: Session, connection_id: int, object_type: ObjectType) -> ColumnElement[bool]:
    """Those neither flagged as linked, for which there is an index, nor linked."""
    table: Any = TABLES[object_type]
    is_unlinked = and_(table.is_linked.is_(False), has_no_row(_its_link(connection_id, object_type)))
    some = select(table.id).where(is_unlinked).order_by(table.sort_key, table.id).limit(FEW_MATCHES + 1)
    unlinked = list(session.scalars(some))
    return table.id.in_(unlinked) if len(unlinked) <= FEW_MATCHES else is_unlinked


def _sources(connection_id: int, object_type: ObjectType, standing: Standing) -> list[Select[Any]]:
    """The records of a list of its own: what waits, is held, fails, or has a link that does not work."""
    if standing == "pending":
        return [select(OutboxRecord.record_id).where(_of_type(OutboxRecord, connection_id, object_type))]
    if standing == "failing":
        of_type = _of_type(FailingRecord, connection_id, object_type)
        return [select(FailingRecord.record_id).where(of_type, FailingRecord.record_id.is_not(None))]
    of_type = _of_type(Link, connection_id, object_type)
    # The partial index is used only where its own condition is repeated.
    broken = select(Link.record_id).where(of_type, Link.state != "linked")
    if standing == "held":
        held = select(HeldRecord.record_id).where(_of_type(HeldRecord, connection_id, object_type))
        return [held, broken.where(Link.state == "held")]
    return [broken.where(Link.state.in_(_LINK_STATES[standing]))]


def _of(source: Select[Any], number: Any) -> Select[Any]:
    """Those rows of a list that are about the record at hand."""
    return source.where(source.selected_columns[0] == number)
