"""Notifications that are due by the clock or by how much waits: looked for every minute, each mailed once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.notifications.kinds import MANY_HELD, WEEKLY_SUMMARY
from webapp.domain.notifications.moments import is_above, is_summary_due, summary_moment
from webapp.domain.runs.changes import hour_of
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.home import counts, standing
from webapp.store.notifications import choices, raised
from webapp.store.notifications.choices import Recipient
from webapp.store.runs import changes

_WEEK = timedelta(weeks=1)


def add_due(services: Services) -> None:
    """Write the mails that are due; the job that sends mails takes them up."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        row = connections.current(session)
        has_news = row is not None and _is_anything_due(session, row, now)
    if row is not None and has_news:
        with services.database.writing() as session:
            raised.take_turn(session, row.id)
            _add_held(session, row, now)
            _add_summaries(session, row, now)


def _is_anything_due(session: Session, row: Connection, now: datetime) -> bool:
    """Whether anything has to be written, so that a quiet minute writes nothing."""
    held, mailed = _held(session), raised.of_kind(session, row.id, MANY_HELD)
    people = choices.recipients(session, MANY_HELD)
    has_crossed = any(_is_above(one, held, mailed) != (one.user_id in mailed) for one in people)
    return has_crossed or bool(_due_summaries(session, row, now))


def _add_held(session: Session, row: Connection, now: datetime) -> None:
    held, mailed = _held(session), raised.of_kind(session, row.id, MANY_HELD)
    for one in choices.recipients(session, MANY_HELD):
        is_so = _is_above(one, held, mailed)
        if raised.move(session, row.id, MANY_HELD, now, is_so=is_so, user_id=one.user_id):
            params = {"held": held, "above": one.choice.above}
            raised.add_mails(session, MANY_HELD, [one.email], params, now)


def _is_above(one: Recipient, held: int, mailed: dict[int, datetime]) -> bool:
    return is_above(held, one.choice.above or 0, is_raised=one.user_id in mailed)


def _held(session: Session) -> int:
    """How much waits for a decision, as far as it is counted."""
    found = standing.read(session)
    return found.held_objects + found.held_records


def _add_summaries(session: Session, row: Connection, now: datetime) -> None:
    due = _due_summaries(session, row, now)
    if not due:
        return
    raised.add_mails(session, WEEKLY_SUMMARY, [one.email for one in due], _summary(session, row, now), now)
    for one in due:
        raised.mark(session, row.id, WEEKLY_SUMMARY, now, user_id=one.user_id)


def _due_summaries(session: Session, row: Connection, now: datetime) -> list[Recipient]:
    sent, zone = raised.of_kind(session, row.id, WEEKLY_SUMMARY), _zone(row)
    return [
        one
        for one in choices.recipients(session, WEEKLY_SUMMARY)
        if one.choice.chosen_at is not None
        and is_summary_due(max(one.choice.chosen_at, sent.get(one.user_id, one.choice.chosen_at)), now, zone)
    ]


def _summary(session: Session, row: Connection, now: datetime) -> dict[str, Any]:
    """The figures of the week that ended on Monday at eight."""
    until = summary_moment(now, _zone(row))
    since = until - _WEEK
    counted = [one for one in changes.since(session, row.id, hour_of(since)) if one.hour < until]
    found = standing.read(session)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "came": sum(one.changes for one in counted if one.direction == "in"),
        "went": sum(one.changes for one in counted if one.direction == "out"),
        "failed_runs": counts.failed_runs(session, row.id, since),
        "held": found.held_objects + found.held_records,
        "failing": found.failing,
        "duplicates": found.duplicates,
    }


def _zone(row: Connection) -> str:
    return str(row.portal.get("time_zone") or "UTC")
