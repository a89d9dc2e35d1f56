"""Records here that a push could not send without guessing, and what people decide about them."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.push.holding import IN_QUESTION
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import Company, Contact, HeldRecord
from webapp.store.database.pages import Page, merged_ids, merged_page
from webapp.store.held.objects import Group, records, undecided
from webapp.store.records.listing.groups import counted_groups

__all__ = ["HeldRecord"]

STATE = "held_record"


def groups(session: Session, connection_id: int) -> list[Group]:
    """How many there are by reason and type, largest first; without those for which a held object asks."""
    columns = ("reason", "object_type")
    counted = counted_groups(session, HeldRecord, columns, connection_id=connection_id)
    query = select(HeldRecord.reason, HeldRecord.object_type).where(
        HeldRecord.connection_id == connection_id, HeldRecord.decision.is_not(None)
    )
    decided: Counter[tuple[str, ...]] = Counter((STATE, *row) for row in session.execute(query))
    return undecided([Group(STATE, *row) for row in counted if row[0] != IN_QUESTION], decided)


def page(
    session: Session,
    connection_id: int,
    groups: Collection[Group],
    *,
    after: str = "",
    limit: int = 20,
    search: str = "",
) -> Page[HeldRecord]:
    """A page of the records in some of the groups; with `search`, of those whose names hold it."""
    stretches = _stretches(connection_id, groups)
    if search:
        stretches = [(*stretch, _is_named(search)) for stretch in stretches]
    return merged_page(session, HeldRecord, stretches, after=after, limit=limit)


def _is_named(search: str) -> ColumnElement[bool]:
    """Whether the record's name holds a text; asked of each held record, and of no other."""
    names: dict[str, tuple[Any, ColumnElement[str]]] = {
        "companies": (Company, func.coalesce(Company.name, "")),
        "contacts": (
            Contact,
            func.coalesce(Contact.first_name, "") + " " + func.coalesce(Contact.last_name, ""),
        ),
    }
    return or_(
        *(
            exists().where(
                HeldRecord.object_type == kind,
                table.id == HeldRecord.record_id,
                name.icontains(search, autoescape=True),
            )
            for kind, (table, name) in names.items()
        )
    )


def names(session: Session, rows: Collection[HeldRecord]) -> dict[int, str]:
    """The names of these rows' records, by the row's number; a deleted record has none."""
    found: dict[int, str] = {}
    for kind in OBJECT_TYPES:
        of_kind = {row.record_id: row.id for row in rows if row.object_type == kind}
        for record_id, values in records(session, kind, list(of_kind)).items():
            found[of_kind[record_id]] = record_name(kind, values)
    return found


def _stretches(connection_id: int, groups: Collection[Group]) -> list[tuple[ColumnElement[bool], ...]]:
    return [
        (
            HeldRecord.connection_id == connection_id,
            HeldRecord.reason == group.reason,
            HeldRecord.object_type == group.object_type,
        )
        for group in groups
    ]


def ids(session: Session, connection_id: int, groups: Collection[Group], *, limit: int) -> list[int]:
    """The numbers of the records in some of the groups, the oldest first."""
    return merged_ids(session, HeldRecord, _stretches(connection_id, groups), after_id=0, limit=limit)


def by_id(session: Session, held_record_id: int) -> HeldRecord | None:
    """One of them."""
    return session.get(HeldRecord, held_record_id)


def get(session: Session, connection_id: int, object_type: ObjectType, record_id: int) -> HeldRecord | None:
    """Why a record waits, if it does."""
    query = select(HeldRecord).where(
        HeldRecord.connection_id == connection_id,
        HeldRecord.object_type == object_type,
        HeldRecord.record_id == record_id,
    )
    return session.scalars(query).first()


def decide(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    record_id: int,
    *,
    decision: dict[str, Any],
    user_id: int | None,
) -> None:
    """Keep a person's decision, which the next push of the record carries out."""
    session.execute(
        update(HeldRecord)
        .where(
            HeldRecord.connection_id == connection_id,
            HeldRecord.object_type == object_type,
            HeldRecord.record_id == record_id,
        )
        .values(decision=decision, decided_by_id=user_id)
        .execution_options(synchronize_session=False)
    )
