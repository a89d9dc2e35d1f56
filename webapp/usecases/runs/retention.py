"""The retention of the sync log, and with it the right to undo."""

import time
from datetime import UTC, datetime, timedelta

from webapp.services import Services
from webapp.settings import Settings
from webapp.store.duplicates import merged, scan_keys
from webapp.store.links import generations
from webapp.store.operating.clock import surely_past
from webapp.store.runs import retention
from webapp.store.runs.log import Run

# One turn stays short, so that neither the schedule nor another writer waits for it.
_TURN_S = 1.0
_BATCH_SIZE = 2_000
_KEYS_AT_ONCE = 50_000
# A read is applied within seconds, or not at all.
_READS_LAST = timedelta(days=1)


def kept_until(settings: Settings, run: Run) -> datetime:
    """Until when a run and its entries are kept."""
    ended_at = run.finished_at or run.created_at
    return ended_at + timedelta(days=settings.log_retention_days)


def clear_old(services: Services) -> None:
    """Clear away runs that ended longer ago than the log lasts, and what late reads needed; every minute."""
    now = datetime.now(UTC)
    with services.database.writing() as session:
        generations.forget_unlinked(session, now - _READS_LAST)
        scan_keys.clear_some(session, _KEYS_AT_ONCE)
    past = surely_past(services.database.engine, now)
    before = past - timedelta(days=services.settings.log_retention_days)
    with services.database.writing() as session:
        merged.forget_old(session, before)
        retention.clear_beside_runs(session, before)
    ends_at_s = time.monotonic() + _TURN_S
    has_more = True
    while has_more and time.monotonic() < ends_at_s:
        with services.database.writing() as session:
            has_more = retention.clear_some(session, before, entries=_BATCH_SIZE)
