"""The clocks of the database's machine and of HubSpot, beside ours."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.models import Connection
from webapp.store.connection.connections import CONNECTED

_HUBSPOT_MAY_BE_SILENT = timedelta(days=1)
"""So long HubSpot may not have been asked for changes, before it counts as unknown what time it is there."""


def ahead_of_database_s(engine: Engine, now: datetime) -> float | None:
    """By how much our clock is ahead, in seconds; None where the database has no clock of its own."""
    if engine.dialect.name == "sqlite":
        return None
    with engine.connect() as connection:
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return (now - there.astimezone(now.tzinfo)).total_seconds()


def surely_past(engine: Engine, now: datetime) -> datetime:
    """The earliest of all clocks: what is deleted by its age stays gone, if ours was ahead.

    HubSpot's is known as long as it is asked for changes, to a day.
    """
    by_database = now - timedelta(seconds=max(0.0, ahead_of_database_s(engine, now) or 0.0))
    by_hubspot = _latest_of_hubspot(engine)
    return by_database if by_hubspot is None else min(by_database, by_hubspot + _HUBSPOT_MAY_BE_SILENT)


def _latest_of_hubspot(engine: Engine) -> datetime | None:
    """HubSpot's time up to which changes are known; None where nobody asks it for them."""
    watermarks = select(Connection.watermark, Connection.automatic).where(
        Connection.state == CONNECTED, Connection.watermark.is_not(None)
    )
    with Session(engine) as session:
        found = session.execute(watermarks).all()
    known = (at for at, switches in found if at is not None and not is_on(switches, "paused"))
    return max(known, default=None)
