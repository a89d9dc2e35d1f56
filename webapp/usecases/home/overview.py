"""Gathers what the home page shows, and keeps counts for it."""

from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.changes import Slot, by_day, by_hour, shown_since
from webapp.domain.runs.kinds import KINDS
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.home import counts, standing
from webapp.store.home.counts import InSync
from webapp.store.home.standing import Standing
from webapp.store.runs import changes, log
from webapp.store.runs.log import RunRow
from webapp.usecases.connection import budget as usage
from webapp.usecases.connection.budget import Budget

BULK = tuple(kind.name for kind in KINDS.values() if kind.is_bulk and kind.direction != "none")
"""What the blue buttons begin: a Pull and a Push."""

_COUNTED_AGAIN_AFTER = timedelta(minutes=5)


class Overview(Struct, frozen=True):
    """The state of the sync for the home page.

    Attributes:
        standing: what the frame of every page knows.
        latest: the latest Pull and the latest Push that were no previews, as far as there are any.
        in_sync, waiting: counts of records by type; empty without a connection.
        events: messages from HubSpot that wait.
        hours, days: changes in and out.
        budget: today's use of HubSpot's calls.
    """

    standing: Standing
    latest: dict[str, RunRow]
    in_sync: dict[ObjectType, InSync]
    waiting: dict[ObjectType, int]
    events: int
    hours: list[Slot]
    days: list[Slot]
    budget: Budget | None


def gather(services: Services, zone: tzinfo) -> Overview:
    """Read everything; hours and days are those of the zone."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        found = standing.read(session)
        row = found.connection
        if row is None:
            return Overview(found, {}, {}, {}, 0, by_hour((), now, zone), by_day((), now, zone), None)
        changed = changes.since(session, row.id, shown_since(now, zone))
        latest = {kind: log.latest_row(session, row.id, kind, is_preview=False) for kind in BULK}
        in_sync = counts.in_sync(session, row.id)
        waiting, events = counts.waiting(session, row.id), counts.events(session, row.id)
    return Overview(
        standing=found,
        latest={kind: run for kind, run in latest.items() if run is not None},
        in_sync=in_sync,
        waiting=waiting,
        events=events,
        hours=by_hour(changed, now, zone),
        days=by_day(changed, now, zone),
        budget=usage.budget(services, row, shown_days=1),
    )


def count_in_sync(services: Services) -> None:
    """Recount the records in sync if they are too many for a page to count; called every few seconds."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        row = connections.current(session)
        if row is None or counts.has_few(session, row.id):
            return
        if not counts.is_outdated(session, row.id, now - _COUNTED_AGAIN_AFTER):
            return
        found = counts.count(session, row.id)
    with services.database.writing(may_be_lost=True) as session:
        counts.keep(session, row.id, found, now)
