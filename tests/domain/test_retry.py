"""How long a run waits after trouble, and when it gives up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webapp.domain.runs.retry import is_hopeless, next_try

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_waits_grow_to_a_quarter_of_an_hour() -> None:
    waits = [(next_try(attempts, NOW) - NOW) // timedelta(minutes=1) for attempts in range(5)]
    assert waits == [1, 5, 15, 15, 15]


def test_a_run_gives_up_after_a_day_without_progress() -> None:
    assert not is_hopeless(None, NOW)
    assert not is_hopeless(NOW - timedelta(hours=23, minutes=59), NOW)
    assert is_hopeless(NOW - timedelta(hours=24), NOW)
