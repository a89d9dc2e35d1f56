"""Changes in and out by the hour and by the day, and which runs carry any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from webapp.domain.runs.changes import (
    DAYS,
    HOURS,
    HourCount,
    Slot,
    by_day,
    by_hour,
    shown_since,
    totals,
    way_of,
)
from webapp.domain.runs.kinds import KINDS
from webapp.domain.runs.options import RunOptions, UndoOptions

NOW = datetime(2026, 11, 29, 14, 20, tzinfo=UTC)


def _count(hours_ago: int, direction: str, changes: int) -> HourCount:
    hour = NOW.replace(minute=0) - timedelta(hours=hours_ago)
    return HourCount(hour, direction, changes)  # type: ignore[arg-type]


def test_hours_without_a_change_are_shown_and_the_present_one_is_the_last() -> None:
    slots = by_hour([_count(0, "in", 3), _count(0, "out", 2), _count(23, "in", 5)], NOW, UTC)
    assert len(slots) == HOURS
    assert slots[-1] == Slot(NOW.replace(minute=0), 3, 2)
    assert slots[0] == Slot(NOW.replace(minute=0) - timedelta(hours=23), 5, 0)
    assert totals(slots) == (8, 2)


def test_what_is_older_than_a_day_is_in_no_hour() -> None:
    assert totals(by_hour([_count(24, "in", 5)], NOW, UTC)) == (0, 0)


def test_a_day_is_one_by_the_clock_of_who_looks() -> None:
    """At eleven in the evening (UTC) it is midnight in Berlin, and another day."""
    late = HourCount(datetime(2026, 11, 28, 23, tzinfo=UTC), "in", 4)
    here = by_day([late], NOW, ZoneInfo("Europe/Berlin"))
    there = by_day([late], NOW, UTC)
    assert (here[-1].came, here[-2].came) == (4, 0)
    assert (there[-1].came, there[-2].came) == (0, 4)
    assert len(here) == DAYS


def test_all_that_a_day_shows_is_read() -> None:
    zone = ZoneInfo("America/New_York")
    first = by_day([], NOW, zone)[0].start
    assert shown_since(NOW, zone) <= first < shown_since(NOW, zone) + timedelta(hours=1)
    assert totals(by_day([HourCount(shown_since(NOW, zone), "in", 1)], NOW, zone)) == (1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_run_says_which_way_it_carries_changes(kind: str) -> None:
    options = KINDS[kind].options()
    expected = None if KINDS[kind].direction == "none" else KINDS[kind].direction
    assert way_of(kind, options) == expected


def test_an_undo_in_hubspot_carries_changes_there_and_one_here_none() -> None:
    assert way_of("undo", UndoOptions(side="there")) == "out"
    assert way_of("undo", UndoOptions(side="here")) is None
    assert way_of("delete", RunOptions()) is None
