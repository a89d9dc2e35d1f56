"""When a notification goes out: once for each change of state, and a summary once a week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.notifications.kinds import KINDS, LARGEST_LIMIT, Choice, choices_of
from webapp.domain.notifications.moments import (
    failed_reconcile,
    is_above,
    is_summary_due,
    step,
    summary_moment,
)

# A Monday.
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_only_a_change_of_state_leads_to_anything() -> None:
    assert step(is_raised=False, is_so=True) == "raise"
    assert step(is_raised=True, is_so=False) == "clear"
    assert step(is_raised=True, is_so=True) is None
    assert step(is_raised=False, is_so=False) is None


def test_a_count_that_moves_around_its_limit_is_one_state() -> None:
    assert not is_above(50, 50, is_raised=False)
    assert is_above(51, 50, is_raised=False)
    assert is_above(50, 50, is_raised=True)
    assert is_above(46, 50, is_raised=True)
    assert not is_above(45, 50, is_raised=True)
    assert not is_above(0, 1, is_raised=True)


def test_every_limit_is_one_that_is_counted_beyond() -> None:
    assert all(kind.above_at_first is None or kind.above_at_first <= LARGEST_LIMIT < 1000 for kind in KINDS)


@pytest.mark.parametrize(
    ("state", "error", "expected"),
    [
        ("finished", None, False),
        ("failed", "waited_too_long", True),
        ("failed", "unexpected", True),
        ("failed", "reconnect", None),
        ("failed", "plan_expired", None),
        ("cancelled", None, None),
        ("cancelled", "disconnected", None),
    ],
)
def test_a_reconcile_fails_for_reasons_of_its_own(state: str, error: str | None, expected: object) -> None:
    assert failed_reconcile(state, error) is expected


def test_a_summary_is_due_from_monday_at_eight_by_the_portals_clock_and_once() -> None:
    last = MONDAY - timedelta(days=7)
    assert not is_summary_due(last, MONDAY - timedelta(minutes=1), "UTC")
    assert is_summary_due(last, MONDAY, "UTC")
    assert not is_summary_due(MONDAY, MONDAY + timedelta(days=6), "UTC")
    # In Berlin it is nine already, in New York three.
    assert is_summary_due(last, MONDAY - timedelta(minutes=30), "Europe/Berlin")
    assert not is_summary_due(last + timedelta(hours=5), MONDAY, "America/New_York")


def test_a_summary_that_was_missed_is_sent_when_the_machine_runs_again() -> None:
    assert is_summary_due(MONDAY - timedelta(days=7), MONDAY + timedelta(days=2), "UTC")
    assert summary_moment(MONDAY + timedelta(days=2), "UTC") == MONDAY


def test_a_portal_with_an_unknown_zone_has_its_monday_in_utc() -> None:
    assert summary_moment(MONDAY, "Nowhere/At-all") == MONDAY


def test_at_first_administrators_hear_of_trouble_and_members_of_nothing() -> None:
    at_first = choices_of({}, is_administrator=True)
    assert [name for name, one in at_first.items() if one.is_on] == ["lost_connection", "failed_reconcile"]
    assert not any(one.is_on for one in choices_of({}, is_administrator=False).values())


def test_what_somebody_has_chosen_counts_whatever_their_role() -> None:
    chosen = {"lost_connection": Choice(is_on=False), "weekly_summary": Choice(is_on=True)}
    for is_administrator in (True, False):
        found = choices_of(chosen, is_administrator=is_administrator)
        assert (found["lost_connection"].is_on, found["weekly_summary"].is_on) == (False, True)
