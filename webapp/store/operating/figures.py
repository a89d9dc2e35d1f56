"""Figures for monitoring: how much waits, and since when; each by an index."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.models import InboxEvent, Mail, OutboxRecord, Run
from webapp.store.notifications import mails

MOST_COUNTED = 10_000
"""Beyond this nothing here is counted on."""


class Waiting(NamedTuple):
    """How much waits, at most `MOST_COUNTED`, and since when the first of it does."""

    number: int
    since: datetime | None


class Figures(NamedTuple):
    """What waits, and when the last Pull finished.

    Attributes:
        inbox: events from HubSpot.
        outbox: edits for HubSpot.
        unsent_mails: mails that wait for being sent.
        failed_mails: mails that nobody tries any more.
        pulled_at: the end of the last Pull that finished.
    """

    inbox: Waiting
    outbox: Waiting
    unsent_mails: Waiting
    failed_mails: int
    pulled_at: datetime | None


def read(session: Session) -> Figures:
    """The figures of this moment."""
    is_pull = Run.kind == "pull", Run.state == "finished", Run.is_preview.is_(False)
    pulled = select(Run.finished_at).where(*is_pull).order_by(Run.id.desc()).limit(1)
    return Figures(
        inbox=_waiting(session, InboxEvent.received_at, first_by=InboxEvent.id),
        outbox=_waiting(session, OutboxRecord.edited_at, first_by=OutboxRecord.record_id),
        unsent_mails=_waiting(session, Mail.created_at, Mail.state == "waiting", first_by=Mail.id),
        failed_mails=mails.count_given_up(session, limit=MOST_COUNTED),
        pulled_at=session.scalar(pulled),
    )


def _waiting(
    session: Session,
    moment: InstrumentedAttribute[datetime],
    *conditions: Any,
    first_by: InstrumentedAttribute[int],
) -> Waiting:
    some = select(moment.label("at")).where(*conditions).order_by(first_by).limit(MOST_COUNTED).subquery()
    count, since = session.execute(select(func.count(), func.min(some.c.at)).select_from(some)).one()
    return Waiting(count, since)
