"""Which records stand so or so with HubSpot, as a condition for lists. Key columns are enough."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    except_,
    exists,
    false,
    func,
    select,
    true,
    union,
)
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import FailingRecord, HeldRecord, Link, OutboxRecord
from webapp.store.database.lists import dialect_of
from webapp.store.records.records import TABLES

Standing = Literal[
    "any", "linked", "unlinked", "in_sync", "pending", "excluded", "held", "failing", "stopped", "gone"
]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

# Up to this many are looked up and sorted; above, so many rows fit that walking along the list's own order
# meets a page of them sooner.
FEW_MATCHES = 2_000
_NOT_LISTED = ("any", "linked", "unlinked", "in_sync", "excluded")
_LINK_STATES: dict[str, tuple[str, ...]] = {"stopped": ("stopped",), "gone": ("gone", "refused")}


def stands(
    session: Session, connection_id: int | None, object_type: ObjectType, standing: Standing
) -> ColumnElement[bool]:
    """Whether a record stands so; for `excluded` the caller applies the rules to what is not linked."""
    if connection_id is None:
        return true() if standing in ("any", "unlinked") else false()
    table: Any = TABLES[object_type]
    if standing in ("unlinked", "excluded"):
        return _unlinked(session, connection_id, object_type)
    if standing == "linked":
        linked = select(Link.record_id).where(_of_type(Link, connection_id, object_type))
        return table.id.in_(linked) if is_few(session, linked) else _has_link(connection_id, object_type)
    if standing == "in_sync":
        troubled = [_listed(connection_id, object_type, name) for name in ("pending", "held", "failing")]
        of_type = _of_type(Link, connection_id, object_type)
        linked = select(Link.record_id).where(of_type, Link.state == "linked")
        works = table.id.in_(linked)
        if not is_few(session, linked):
            works = _has_link(connection_id, object_type, Link.state == "linked")
        return and_(works, *(table.id.not_in(some) for some in troubled))
    listed: ColumnElement[bool] = table.id.in_(_listed(connection_id, object_type, standing))
    return listed


def few_ids(
    session: Session, connection_id: int | None, object_type: ObjectType, standing: Standing
) -> list[int] | None:
    """The records that stand so, where that is a list of its own and a short one; else None."""
    if connection_id is None or standing in _NOT_LISTED:
        return None
    listed = _listed(connection_id, object_type, standing)
    some = listed.subquery()
    found = list(session.scalars(select(some.c[0]).limit(FEW_MATCHES + 1)))
    return found if len(found) <= FEW_MATCHES else None


def exceptions(
    session: Session, connection_id: int | None, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, str]:
    """Of these records, how those stand that are not simply in sync.

    Without a connection none does.
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


def _has_link(connection_id: int, object_type: ObjectType, *conditions: Any) -> ColumnElement[bool]:
    of_type = _of_type(Link, connection_id, object_type)
    return exists().where(of_type, Link.record_id == TABLES[object_type].id, *conditions)


def _unlinked(session: Session, connection_id: int, object_type: ObjectType) -> ColumnElement[bool]:
    """Both sides come in the order of their numbers, so that SQLite merges them without look-ups."""
    table: Any = TABLES[object_type]
    of_type = _of_type(Link, connection_id, object_type)
    has_none = ~_has_link(connection_id, object_type)
    without: Any = select(table.id).where(has_none).order_by(table.id)
    if dialect_of(session) == "sqlite":
        without = except_(select(table.id), select(Link.record_id).where(of_type)).order_by(table.id)
    unlinked = list(session.scalars(without.limit(FEW_MATCHES + 1)))
    return table.id.in_(unlinked) if len(unlinked) <= FEW_MATCHES else has_none


def _listed(connection_id: int, object_type: ObjectType, standing: str) -> Select[Any] | CompoundSelect[Any]:
    """The records of a list of its own: what waits, is held, fails, or has a link that does not work."""
    if standing == "pending":
        return select(OutboxRecord.record_id).where(_of_type(OutboxRecord, connection_id, object_type))
    if standing == "failing":
        of_type = _of_type(FailingRecord, connection_id, object_type)
        return select(FailingRecord.record_id).where(of_type, FailingRecord.record_id.is_not(None))
    of_type = _of_type(Link, connection_id, object_type)
    # The partial index is used only where its own condition is repeated.
    broken = select(Link.record_id).where(of_type, Link.state != "linked")
    if standing == "held":
        held = select(HeldRecord.record_id).where(_of_type(HeldRecord, connection_id, object_type))
        return union(held, broken.where(Link.state == "held"))
    return broken.where(Link.state.in_(_LINK_STATES[standing]))
