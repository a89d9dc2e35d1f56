"""One automatic run for each kind and hour (B26, B45)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.runs.hourly import Latest, hourly_step

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
THIS_HOUR, LAST_HOUR, YESTERDAY = (NOW - timedelta(minutes=minutes) for minutes in (30, 31, 24 * 60))


def test_the_first_run_is_new() -> None:
    assert hourly_step(None, NOW) == "new"


@pytest.mark.parametrize("made_at", [THIS_HOUR, LAST_HOUR, YESTERDAY])
@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_works_or_waits_is_left_alone_however_old_it_is(state: str, made_at: datetime) -> None:
    assert hourly_step(Latest(state, made_at), NOW) == "leave"


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_what_ended_begins_again_within_its_hour_and_a_new_run_after(state: str) -> None:
    assert hourly_step(Latest(state, THIS_HOUR), NOW) == "again"
    assert hourly_step(Latest(state, LAST_HOUR), NOW) == "new"
    assert hourly_step(Latest(state, YESTERDAY), NOW) == "new"


def test_what_a_person_cancelled_does_not_begin_again() -> None:
    assert hourly_step(Latest("cancelled", THIS_HOUR), NOW) == "new"
