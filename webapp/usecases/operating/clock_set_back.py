"""Lets what a clock that was ahead has dated go on, as soon as the clock is right again."""

from datetime import UTC, datetime, timedelta

import structlog

from webapp.services import Services
from webapp.store.operating import times_ahead
from webapp.store.operating.clock import ahead_of_database_s

_AHEAD = timedelta(minutes=45)
"""Machines whose clocks are minutes apart work side by side as they are."""
_AGREES_S = 300.0

_log = structlog.get_logger()


def let_go_on(services: Services) -> None:
    """Bring back to the present what was dated much later; called by the schedule.

    Where the database's own clock does not agree, ours may be the one that is wrong, and nothing is changed.
    """
    now = datetime.now(UTC)
    with services.database.reading() as session:
        if not times_ahead.any_beyond(session, now + _AHEAD):
            return
    ahead_s = ahead_of_database_s(services.database.engine, now)
    if ahead_s is not None and abs(ahead_s) > _AGREES_S:
        return
    with services.database.writing() as session:
        rows = times_ahead.bring_back(session, now)
    _log.warning("clock_was_ahead", rows=rows)
