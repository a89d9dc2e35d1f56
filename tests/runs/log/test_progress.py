from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from webapp.domain.runs.progress import Progress, filled_counts, progress, spoken_step
from webapp.text.runs.runs import duration_text, rate_text

BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _after(seconds: float, **values: Any) -> Progress:
    given: dict[str, Any] = {
        "state": "running",
        "counts": {"companies": {"created": 300, "held": 2}, "contacts": {"unchanged": 98}},
        "totals": {"companies": 400, "contacts": 2000},
        "started_at": BEGAN,
        "finished_at": None,
        "now": BEGAN + timedelta(seconds=seconds),
    }
    return progress(**(given | values))


def test_a_running_run_says_how_much_is_done_how_quickly_and_what_is_left() -> None:
    figures = _after(10)
    assert (figures.done, figures.total, figures.percent) == (400, 2400, 16)
    assert figures.per_s == 40
    assert figures.left_s == 50


def test_every_outcome_counts_as_done() -> None:
    counts = {"contacts": dict.fromkeys(("created", "updated", "unchanged", "skipped", "held", "failed"), 1)}
    assert _after(10, counts=counts).done == 6


def test_a_run_that_has_only_begun_has_no_rate_yet() -> None:
    figures = _after(0.2)
    assert figures.per_s is None
    assert figures.left_s is None


def test_a_waiting_run_shows_neither_rate_nor_time_left() -> None:
    figures = _after(3600, is_waiting=True)
    assert (figures.per_s, figures.left_s) == (None, None)
    assert figures.done == 400


def test_without_totals_nothing_is_guessed() -> None:
    figures = _after(10, totals={})
    assert (figures.total, figures.percent, figures.left_s) == (None, None, None)
    assert figures.per_s == 40


def test_a_queued_run_is_at_zero() -> None:
    figures = _after(10, state="queued", started_at=None, counts={}, totals={})
    assert (figures.done, figures.elapsed_s, figures.per_s) == (0, 0, None)


def test_more_records_than_expected_move_the_total_along() -> None:
    figures = _after(10, totals={"companies": 100, "contacts": 100})
    assert figures.total == figures.done == 400
    # All of the expected ones are done, but the run has not said that it is over.
    assert figures.percent == 99
    assert figures.left_s == 0


def test_only_a_finished_run_is_at_a_hundred_percent() -> None:
    ended = BEGAN + timedelta(seconds=8)
    figures = _after(500, state="finished", finished_at=ended)
    assert (figures.percent, figures.total, figures.elapsed_s) == (100, 400, 8)
    assert figures.per_s == 50
    assert figures.left_s is None


def test_a_cancelled_run_stays_where_it_was() -> None:
    ended = BEGAN + timedelta(seconds=8)
    assert _after(500, state="cancelled", finished_at=ended).percent == 16


def test_a_portal_without_records_does_not_divide_by_zero() -> None:
    assert _after(10, counts={}, totals={"companies": 0, "contacts": 0}).percent == 0


def test_what_is_read_out_changes_in_tens() -> None:
    assert [spoken_step(percent) for percent in (0, 9, 10, 19, 99, 100)] == [0, 0, 10, 10, 90, 100]


def test_missing_counts_are_zero() -> None:
    assert filled_counts({"contacts": {"held": 3}})["contacts"]["held"] == 3
    assert filled_counts({})["companies"] == dict.fromkeys(
        ("created", "updated", "unchanged", "skipped", "held", "failed"), 0
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.3, "under 1 s"),
        (1, "1 s"),
        (59, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (100_000, "1 d 3 h"),
    ],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(("per_s", "text"), [(3456.7, "3,457"), (12.3, "12"), (0.84, "0.8")])
def test_rates_have_as_many_digits_as_mean_something(per_s: float, text: str) -> None:
    assert rate_text(per_s) == text
