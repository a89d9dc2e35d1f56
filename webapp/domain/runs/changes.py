"""Changes between HubSpot and here: the runs that carry them, and counts by hour and day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from msgspec import Struct

from webapp.domain.runs.kinds import kind_of, side_of
from webapp.domain.runs.options import RunOptions, UndoOptions
from webapp.domain.runs.outcomes import CREATED, UPDATED

CHANGED = (CREATED, UPDATED)
"""The outcomes of what was changed."""

HOURS, DAYS = 24, 14
"""How far back changes are shown, by the hour and by the day."""

Way = Literal["in", "out"]


class HourCount(Struct, frozen=True):
    """How many changes went one way in an hour (UTC)."""

    hour: datetime
    direction: Way
    changes: int


class Slot(Struct, frozen=True):
    """An hour or a day with the changes that came from HubSpot in it, and those that went there.

    Attributes:
        start: its beginning, by the clock of who looks.
        came, went: changes in, changes out.
    """

    start: datetime
    came: int = 0
    went: int = 0


def way_of(kind: str, options: RunOptions) -> Way | None:
    """Which way a run carries changes; None where it carries none between here and HubSpot."""
    direction = kind_of(kind).direction
    if isinstance(options, UndoOptions):
        return "out" if side_of(kind_of(kind), options) == "there" else None
    return None if direction == "none" else direction


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour (UTC) that a moment is in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def by_hour(counts: Iterable[HourCount], now: datetime, zone: tzinfo) -> list[Slot]:
    """The latest hours, the present one last, those without any change included."""
    latest = hour_of(now)
    hours = [latest - timedelta(hours=back) for back in reversed(range(HOURS))]
    found = _summed((one.hour, one) for one in counts)
    return [Slot(hour.astimezone(zone), *found.get(hour, (0, 0))) for hour in hours]


def by_day(counts: Iterable[HourCount], now: datetime, zone: tzinfo) -> list[Slot]:
    """The latest days, today last, those without any change included."""
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    found = _summed((one.hour.astimezone(zone).date(), one) for one in counts)
    return [Slot(_midnight(day, zone), *found.get(day, (0, 0))) for day in days]


def shown_since(now: datetime, zone: tzinfo) -> datetime:
    """The beginning of the time that both charts show."""
    first = now.astimezone(zone).date() - timedelta(days=DAYS - 1)
    return hour_of(_midnight(first, zone))


def totals(slots: Sequence[Slot]) -> tuple[int, int]:
    """The sums of incoming and outgoing changes."""
    return sum(one.came for one in slots), sum(one.went for one in slots)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _summed(
    counts: Iterable[tuple[datetime | date, HourCount]],
) -> dict[datetime | date, tuple[int, int]]:
    found: dict[datetime | date, tuple[int, int]] = {}
    for slot, one in counts:
        came, went = found.get(slot, (0, 0))
        is_in = one.direction == "in"
        found[slot] = (came + one.changes, went) if is_in else (came, went + one.changes)
    return found
