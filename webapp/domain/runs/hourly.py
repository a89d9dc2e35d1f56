"""The hour's automatic run: one row for each kind and hour, however often it is requested."""

from datetime import datetime
from typing import Literal, NamedTuple

from webapp.domain.runs.progress import OPEN_STATES

HourlyStep = Literal["leave", "again", "new"]


class Latest(NamedTuple):
    """The latest automatic run of a kind: its state, and when its row was made (UTC)."""

    state: str
    created_at: datetime


def hourly_step(latest: Latest | None, now: datetime) -> HourlyStep:
    """Whether automatic work begins a new run, begins the hour's run again, or leaves it alone.

    A run that works or waits is left alone, however old it is: it does what is new as well, and not before
    its wait is over. One of this hour that has finished or failed begins again; a cancelled one does not.
    """
    if latest is None:
        return "new"
    if latest.state in OPEN_STATES:
        return "leave"
    hour = now.replace(minute=0, second=0, microsecond=0)
    is_of_this_hour = latest.created_at >= hour
    return "again" if is_of_this_hour and latest.state in ("finished", "failed") else "new"
