"""When a notification goes out: once for each change of state, and a summary once a week."""

from datetime import datetime, time, timedelta
from typing import Literal

from webapp.domain.people.zones import zone_of
from webapp.domain.runs.retry import ACCOUNT_TROUBLES

Step = Literal["raise", "clear"]

_CONNECTION_ERRORS = ("reconnect", "disconnected", *ACCOUNT_TROUBLES)
_SUMMED_UP_AT = time(8, 0)


def step(*, is_raised: bool, is_so: bool) -> Step | None:
    """The step that a state takes: a mail when it begins, and the next one only after it has ended."""
    if is_so == is_raised:
        return None
    return "raise" if is_so else "clear"


def is_above(count: int, above: int, *, is_raised: bool) -> bool:
    """Whether so many are above a limit. Once they were, only a tenth below it ends that.

    A count that goes up and down by a few around the limit would send a mail each time.
    """
    return count > (above - above // 10 if is_raised else above)


def failed_reconcile(state: str, error: str | None) -> bool | None:
    """Whether looking for missed changes fails, by how a run ended; None where that says nothing about it.

    A failure caused by the connection is reported by the mail about the connection.
    """
    if state == "finished":
        return False
    return True if state == "failed" and error not in _CONNECTION_ERRORS else None


def is_summary_due(last: datetime, now: datetime, zone: str) -> bool:
    """Whether this week's summary is still to be sent: on Monday at eight by the portal's clock.

    Args:
        last: When the latest went out; before the first, since when it is wanted.
        now: The present time.
        zone: The name of the portal's time zone.
    """
    return last < summary_moment(now, zone)


def summary_moment(now: datetime, zone: str) -> datetime:
    """The latest Monday at eight."""
    local = now.astimezone(zone_of(zone))
    monday = local.date() - timedelta(days=local.weekday())
    moment = datetime.combine(monday, _SUMMED_UP_AT, local.tzinfo)
    return moment if moment <= local else moment - timedelta(weeks=1)
