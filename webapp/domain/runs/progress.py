"""The progress of a run: the figures that people watch, computed from the run's row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.outcomes import OUTCOMES

# A rate over less than this says nothing yet.
_FEWEST_SECONDS = 1.0
_SPOKEN_STEP_PERCENT = 10

OPEN_STATES = ("queued", "running")
"""The states of a run that works or waits."""

Counts = dict[str, dict[str, int]]


class Progress(Struct, frozen=True):
    """The figures of a run.

    Attributes:
        done: records that have an outcome.
        total: records expected, never fewer than done; None while unknown.
        percent: 0 to 100, and 100 only once the run has finished; None while the total is unknown.
        elapsed_s: seconds since it began, or that it took.
        per_s: records a second; None while it does not work or has only begun.
        left_s: seconds until the end at this rate; None where that is unknown.
    """

    done: int
    total: int | None
    percent: int | None
    elapsed_s: float
    per_s: float | None
    left_s: int | None


def progress(
    *,
    state: str,
    counts: Mapping[str, Mapping[str, int]],
    totals: Mapping[str, int | None],
    started_at: datetime | None,
    finished_at: datetime | None,
    now: datetime,
    is_waiting: bool = False,
) -> Progress:
    """The figures of a run at a moment.

    Args:
        state: The run's state.
        counts: `{object type: {outcome: n}}`; parts of an outcome are not added.
        totals: Records expected by object type, as far as known.
        started_at: When it began; None while it is queued.
        finished_at: When it ended; None while it has not.
        now: The moment.
        is_waiting: Whether it stands still, so that rate and time left would mislead.
    """
    done = sum(ended.get(outcome, 0) for ended in counts.values() for outcome in OUTCOMES)
    total = _total(state, done, totals)
    elapsed_s = max(0.0, ((finished_at or now) - started_at).total_seconds()) if started_at else 0.0
    has_rate = done > 0 and elapsed_s >= _FEWEST_SECONDS and not is_waiting
    per_s = done / elapsed_s if has_rate else None
    is_timed = state == "running" and per_s is not None and total is not None
    return Progress(
        done=done,
        total=total,
        percent=_percent(state, done, total),
        elapsed_s=elapsed_s,
        per_s=per_s,
        left_s=round((total - done) / per_s) if is_timed and total is not None and per_s else None,
    )


def filled_counts(counts: Mapping[str, Mapping[str, int]]) -> Counts:
    """The counts of a run with a zero for every outcome that did not occur."""
    return {
        object_type: {outcome: counts.get(object_type, {}).get(outcome, 0) for outcome in OUTCOMES}
        for object_type in OBJECT_TYPES
    }


def spoken_step(percent: int) -> int:
    """The percentage for screen readers: whole tens, so that it is read out ten times and not hundreds."""
    return percent // _SPOKEN_STEP_PERCENT * _SPOKEN_STEP_PERCENT


def _total(state: str, done: int, totals: Mapping[str, Any]) -> int | None:
    if state == "finished":
        return done
    known = [total for total in totals.values() if total is not None]
    return max(done, sum(known)) if known else None


def _percent(state: str, done: int, total: int | None) -> int | None:
    if state == "finished":
        return 100
    if total is None:
        return None
    return min(99, done * 100 // total) if total else 0
