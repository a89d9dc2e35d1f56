"""Use of HubSpot's call budget, day by day: counted in Redis as it is spent; runs keep their own part."""

from datetime import date, timedelta
from typing import NamedTuple

from webapp.hubspot.errors import LimiterUnavailable
from webapp.hubspot.http.limits import RateLimiter, Usage
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.usecases.connection import portal

SHOWN_DAYS = 14


class Day(NamedTuple):
    """One day of the account: calls made, and those that HubSpot refused with 429."""

    day: date
    calls: int
    throttled: int


class Budget(NamedTuple):
    """The use of a portal's budget.

    Attributes:
        days: today, then back to the first day with a call, if that is among the shown ones.
        daily_limit, daily_remaining: of today's quota; None where HubSpot announces none.
        daily_reserve: of it the calls that are left to the account's other apps.
        burst_limit, burst_interval_s: calls in so many seconds, as announced or configured.
        paused: seconds still to wait by what is waited for.
        is_live: whether Redis, which counts, answers; without it only what was kept is shown.
    """

    days: list[Day]
    daily_limit: int | None = None
    daily_remaining: int | None = None
    daily_reserve: int = 0
    burst_limit: int | None = None
    burst_interval_s: float = 10.0
    paused: dict[str, float] = {}  # noqa: RUF012 - a default of a named tuple, never changed
    is_live: bool = False


def budget(services: Services, row: Connection, shown_days: int = SHOWN_DAYS) -> Budget:
    """The calls used of a portal's budget in the last days, and those left today."""
    limiter = portal.limiter_of(services, row)
    today = limiter.today()
    days = [today - timedelta(days=back) for back in range(shown_days)]
    with services.database.reading() as session:
        kept = {
            day: (found.calls, found.throttled)
            for day, found in connections.usage_since(session, row.id, days[-1]).items()
        }
    counted = _counted(limiter, days)
    shown = [_day(day, kept.get(day, (0, 0)), counted.get(day)) for day in days]
    while len(shown) > 1 and not shown[-1].calls:
        shown.pop()
    now = counted.get(today)
    if now is None:
        return Budget(shown)
    return Budget(
        shown,
        now.daily_limit,
        now.daily_remaining,
        now.daily_reserve,
        now.burst_limit,
        now.burst_interval_ms / 1000,
        now.paused,
        is_live=True,
    )


def _counted(limiter: RateLimiter, days: list[date]) -> dict[date, Usage]:
    """The counts in Redis; empty when it does not answer."""
    try:
        return {day: limiter.usage(day) for day in days}
    except LimiterUnavailable:
        return {}


def _day(day: date, kept: tuple[int, int], counted: Usage | None) -> Day:
    if counted is None:
        return Day(day, *kept)
    # Redis counts every call but may have been wiped; runs keep only their own.
    return Day(day, max(kept[0], counted.calls), max(kept[1], sum(counted.refused.values())))
