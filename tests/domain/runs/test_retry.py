"""How long a run waits after trouble, and when it gives up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webapp.domain.runs.retry import is_hopeless, next_after_nothing, next_try, not_before_limit

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_waits_grow_to_a_quarter_of_an_hour() -> None:
    waits = [(next_try(attempts, NOW) - NOW) // timedelta(minutes=1) for attempts in range(5)]
    assert waits == [1, 5, 15, 15, 15]


def test_waits_for_a_limit_that_lead_nowhere_grow_likewise() -> None:
    """The first five are as long as HubSpot asked for; a longer one than ours is kept."""
    soon, late = NOW + timedelta(seconds=10), NOW + timedelta(hours=2)
    assert [not_before_limit(soon, attempts, NOW) for attempts in range(5)] == [soon] * 5
    waits = [(not_before_limit(soon, attempts, NOW) - NOW) // timedelta(minutes=1) for attempts in (5, 6, 7)]
    assert waits == [1, 5, 15]
    assert not_before_limit(late, 7, NOW) == late


def test_a_slice_that_came_to_nothing_is_repeated_twice_before_the_run_waits() -> None:
    assert [next_after_nothing(attempts, NOW) for attempts in (0, 1)] == [None, None]
    waits = [next_after_nothing(attempts, NOW) for attempts in (2, 3, 4)]
    assert waits == [NOW + timedelta(minutes=minutes) for minutes in (1, 5, 15)]


def test_a_run_gives_up_after_a_day_without_progress() -> None:
    assert not is_hopeless(None, 100, NOW)
    assert not is_hopeless(NOW - timedelta(hours=23, minutes=59), 100, NOW)
    assert is_hopeless(NOW - timedelta(hours=24), 8, NOW)


def test_a_clock_that_jumps_by_a_day_gives_up_nothing() -> None:
    """Nor does a machine that was off for days."""
    assert not is_hopeless(NOW - timedelta(days=120), 3, NOW)
