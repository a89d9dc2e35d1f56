"""Runs as lines of text, or as JSON, for the commands."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import click

from webapp.commands.command import say
from webapp.commands.runs.waiting import standing_lines
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.progress import filled_counts
from webapp.services import Services
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.store.runs import log
from webapp.store.runs.log import Run
from webapp.store.runs.progress import figures_of
from webapp.text.reasons import reason
from webapp.text.refusals import stored_text
from webapp.text.runs.outcomes import counted
from webapp.text.runs.runs import duration_text, run_error

LONGEST_TROUBLE_S = 60.0
"""So long whoever waits for a run goes on asking a database that gives no answer."""
_LOOK_EVERY_S = 0.5
_UNKNOWN = "unknown: the database does not answer"
_MOST_REASONS = 8


def found_run(services: Services, run_id: int) -> Run:
    """A run as it is now.

    Raises:
        click.ClickException: there is none.
    """
    with services.database.reading() as session:
        row = log.run_row(session, run_id)
    if row is None:
        raise click.ClickException(f"There is no run {run_id}.")
    return row.run


def print_run(services: Services, run_id: int, *, wait: bool, as_json: bool) -> None:
    """Print a run, with `wait` after its end; then exit with 1 unless it finished."""
    run = _ended(services, run_id) if wait else found_run(services, run_id)
    if as_json:
        say(json.dumps(run_json(run)))
    else:
        say(run_lines(services, run))
    if wait and run.state != "finished":
        raise SystemExit(1)


def run_json(run: Run) -> dict[str, Any]:
    """A run as plain data, whose shape is a promise to scripts.

    Times are in ISO 8601 and UTC, every count is present, and `error` is a stable name or None. While a run
    waits, it also has `waiting_for`, a stable name, and `not_before`.
    """
    return {
        "id": run.id,
        "kind": kind_of(run.kind).script_name,
        "trigger": run.trigger,
        "state": run.state,
        "preview": run.is_preview,
        "started_at": _iso(run.started_at),
        "finished_at": _iso(run.finished_at),
        "counts": filled_counts(run.counts),
        "api_calls": run.api_calls,
        "error": run.error,
    } | _waiting_json(run)


def _waiting_json(run: Run) -> dict[str, Any]:
    if run.waiting_for is None or run.finished_at is not None:
        return {}
    return {"waiting_for": run.waiting_for, "not_before": _iso(run.not_before)}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def run_lines(services: Services, run: Run) -> str:
    """A run as its page begins: its state, what it waits for, and why records were left, held or failed."""
    with services.database.reading() as session:
        found = log.reasons_of(session, run.id, _MOST_REASONS)
    lines = [_head(run), *(f"  {line}" for line in standing_lines(services, run))]
    for object_type, outcome, name, number in found:
        why = reason(name)
        lines.append(f"  {number:,} {outcome} ({object_type}): {why.text} {why.remedy}".rstrip())
    return "\n".join(lines)


def _head(run: Run) -> str:
    """A run's state with its counts and, where it failed, the reason and the remedy."""
    kind = f"preview of a {run.kind}" if run.is_preview else run.kind
    lines = [
        f"Run {run.id} ({kind}): {run.state}, {duration_text(figures_of(run, datetime.now(UTC)).elapsed_s)}"
    ]
    for object_type, counts in filled_counts(run.counts).items():
        if found := counted(counts, is_preview=run.is_preview):
            lines.append(f"  {object_type}: {found}")
    if run.error:
        error = run_error(run.error)
        lines.append(f"  {error.text} {error.remedy}".rstrip())
        lines += [f"  {stored_text(run.error_text)}"] if run.error_text else []
    return "\n".join(lines)


def progress_line(services: Services, run: Run) -> str:
    """How far a run is, or what it waits for."""
    if standing := standing_lines(services, run):
        return f"{run.state}: {' '.join(standing)}"
    figures = figures_of(run, datetime.now(UTC))
    total = f" of {figures.total:,}" if figures.total is not None else ""
    return f"{run.state}: {figures.done:,}{total} records"


def _ended(services: Services, run_id: int) -> Run:
    """The run when it has ended; its progress goes to standard error, a line for each change."""
    printed, gives_up_at_s = "", 0.0
    while True:
        run = None
        try:
            run = found_run(services, run_id)
            line, gives_up_at_s = progress_line(services, run), 0.0
        except TROUBLE_ERRORS as error:
            # The run outlasts it, and has begun: to say that nothing was changed would be wrong.
            gives_up_at_s = gives_up_at_s or time.monotonic() + LONGEST_TROUBLE_S
            if trouble_of(error) is None or time.monotonic() > gives_up_at_s:
                raise
            line = _UNKNOWN
        if line != printed:
            say(line, err=True)
            printed = line
        if run is not None and run.finished_at is not None:
            return run
        time.sleep(_LOOK_EVERY_S)
