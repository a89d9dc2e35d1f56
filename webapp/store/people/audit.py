"""The audit log: who did what. Entries are added in the transaction that they report, and never changed."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.people.actor import Actor
from webapp.domain.people.audited import area_of
from webapp.models import AuditEntry, User
from webapp.store.database.pages import Moment, Number, Page, cursor, place_of

__all__ = ["AuditEntry", "AuditFilter", "AuditRow", "add", "clear_some", "page"]


class AuditFilter(Struct, frozen=True):
    """Which entries to read; None stands for all. `until` itself is left out."""

    user_id: int | None = None
    area: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditRow(Struct, frozen=True):
    """An entry with the name of who did it; None where nobody had logged in."""

    entry: AuditEntry
    name: str | None


def add(session: Session, actor: Actor, action: str, **detail: Any) -> None:
    """Add an entry about the current transaction."""
    session.add(
        AuditEntry(
            at=datetime.now(UTC),
            user_id=actor.user_id,
            via=actor.via,
            address=actor.address[:45],
            area=area_of(action, str(detail.get("kind", ""))),
            action=action,
            detail=detail,
        )
    )


def page(session: Session, audit_filter: AuditFilter, *, after: str = "", limit: int = 50) -> Page[AuditRow]:
    """A page of entries, newest first."""
    query = select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id)
    query = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit + 1)
    if audit_filter.user_id is not None:
        query = query.where(AuditEntry.user_id == audit_filter.user_id)
    if audit_filter.area is not None:
        query = query.where(AuditEntry.area == audit_filter.area)
    if audit_filter.since is not None:
        query = query.where(AuditEntry.at >= audit_filter.since)
    if audit_filter.until is not None:
        query = query.where(AuditEntry.at < audit_filter.until)
    place = place_of(after, tuple[Moment, Number])
    if place is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(*place))
    rows = [AuditRow(entry, name) for entry, name in session.execute(query)]
    last = rows[limit - 1].entry if len(rows) > limit else None
    return Page(rows[:limit], next=cursor(last.at, last.id) if last else "", is_first=place is None)


def clear_some(session: Session, before: datetime, limit: int) -> bool:
    """Clear the oldest entries from before a moment; whether there may be more."""
    ids = session.scalars(
        select(AuditEntry.id).where(AuditEntry.at < before).order_by(AuditEntry.at).limit(limit)
    ).all()
    if ids:
        session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
    return len(ids) == limit
