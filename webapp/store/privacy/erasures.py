"""Erasures: when, by whom and how much was erased; until one has ended, also who was."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.privacy.person import added
from webapp.models import Erasure

__all__ = ["Erasure", "add", "count_mentions", "finish", "get", "latest", "reseal", "unfinished"]


def add(
    session: Session, *, sealed: bytes, counts: dict[str, int], user_id: int | None, now: datetime
) -> int:
    """Begin one; returns its number."""
    row = Erasure(began_at=now, began_by_id=user_id, counts=counts, sealed=sealed)
    session.add(row)
    session.flush()
    return row.id


def get(session: Session, erasure_id: int) -> Erasure | None:
    """One of them, read afresh."""
    return session.get(Erasure, erasure_id, populate_existing=True)


def unfinished(session: Session) -> list[int]:
    """Those that are not over, oldest first: there are few erasures in all."""
    return list(session.scalars(select(Erasure.id).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)))


def reseal(session: Session, erasure_id: int, sealed: bytes) -> None:
    """Store the erased person sealed under another key, unless the erasure is over."""
    is_open = Erasure.id == erasure_id, Erasure.sealed.is_not(None)
    again = update(Erasure).where(*is_open).values(sealed=sealed)
    session.execute(again.execution_options(synchronize_session=False))


def latest(session: Session, limit: int) -> Sequence[Erasure]:
    """The latest ones, newest first."""
    return session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(limit)).all()


def count_mentions(session: Session, erasure_id: int, number: int) -> None:
    """Count rows that were cleaned, in the transaction that cleans them."""
    row = session.get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    row.counts = added(row.counts, {"mentions": number})


def finish(session: Session, erasure_id: int, *, now: datetime) -> None:
    """End an erasure; from then on nobody can read who it was."""
    is_open = Erasure.id == erasure_id, Erasure.finished_at.is_(None)
    over = update(Erasure).where(*is_open).values(sealed=None, finished_at=now)
    session.execute(over.execution_options(synchronize_session=False))
