"""What the product waits for in life, and a cell does not: HubSpot's limits, and signs of life that fade."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from tests.support.applications.services import current_services, reading, writing
from webapp.allowed_jobs import named_queue
from webapp.domain.runs.retry import next_try
from webapp.models import InboxEvent, Mail, RemoteObject, Run
from webapp.store.matching import renewal
from webapp.usecases.held import carry_out
from webapp.usecases.runs.lifecycle import UNTOUCHED_S
from webapp.usecases.runs.queues import QUEUES

_ANSWERS_WITHIN = timedelta(seconds=10)
"""A mail server answers within this; the sender of a mail that was handed over before then was killed."""
_ANSWERS_THE_LIVING = timedelta(seconds=2)
"""The same where a process was killed: that of the bed answers at once."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def is_idle() -> bool:
    """Whether no job waits, and none is worked on."""
    redis = current_services().redis
    queues = [named_queue(redis, name) for name in QUEUES]
    return not any(redis.llen(one.key) or redis.zcard(one.started_job_registry.key) for one in queues)


def cut_short(*, is_killed: bool) -> None:
    """Let the time come for which runs, mails and webhook events wait.

    Args:
        is_killed: Whether a process was killed in this cell.
    """
    soon = datetime.now(UTC) + timedelta(seconds=1)
    late = datetime.now(UTC) - timedelta(seconds=1)
    within = _ANSWERS_THE_LIVING if is_killed else _ANSWERS_WITHIN
    with reading() as session:
        left = _without_sender(session.scalars(select(Mail).where(Mail.not_before > soon)), within)
        waits = (
            (Run, (Run.state == "running", Run.not_before > soon)),
            (Mail, (Mail.id.in_(left),)),
            (InboxEvent, (InboxEvent.not_before > soon,)),
        )
        is_waiting = any(session.scalar(select(table.id).where(*one).limit(1)) for table, one in waits)
    if is_waiting:
        # What the portal's limits were learned to be goes too, or a call would wait for the end of a day.
        current_services().redis.flushall()
        with writing() as session:
            for table, one in waits:
                session.execute(update(table).where(*one).values(not_before=late))


def _without_sender(mails: Iterable[Mail], within: timedelta) -> list[int]:
    """Those that nobody sends any more: else a sender who waits for the server would be given up."""
    now = datetime.now(UTC)
    return [one.id for one in mails if max(_claimed_at(one, now), one.handed_at or _LONG_AGO) < now - within]


def _claimed_at(mail: Mail, now: datetime) -> datetime:
    """When it was taken up for the last time: it may be tried again so long after that."""
    if mail.not_before is None or not mail.attempts:
        return _LONG_AGO
    return mail.not_before - (next_try(mail.attempts - 1, now) - now)


def let_the_dead_be_missed() -> None:
    """The last signs of life of a worker that was killed have faded, as they do within seconds."""
    redis = current_services().redis
    for key in redis.scan_iter("twinbook:beat:*"):
        redis.delete(key)
    long_ago = datetime.now(UTC) - timedelta(seconds=2 * UNTOUCHED_S)
    with writing() as session:
        session.execute(update(Run).where(Run.state == "running").values(touched_at=long_ago))


def are_decisions_pending() -> bool:
    """Whether something that a person decided is still to be carried out."""
    with reading() as session:
        return session.scalar(select(RemoteObject.id).where(RemoteObject.decision.is_not(None))) is not None


def are_keys_old() -> bool:
    """Whether records are still to get the keys of this version."""
    with reading() as session:
        return renewal.next_batch(session) is not None


def look_for_lost_decisions() -> None:
    """The time has come at which the schedule does, which is once in a while."""
    carry_out.carry_out_forgotten(current_services())
