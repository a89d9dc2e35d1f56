"""Previews, and their logs in a form that can be compared with that of the run that follows."""

from __future__ import annotations

from typing import Any

from tests.support.applications.services import current_services
from tests.support.usecases import pulling
from webapp.models import LogEntry, Run
from webapp.usecases.runs import lifecycle

_HOLDS_NUMBERS = ("company_id", "primary_company", "plain_company")


def previewed(connection_id: int, kind: str = "pull") -> Run:
    """A whole preview, or as much of one as comes before it waits."""
    started = lifecycle.start(
        current_services(),
        kind,
        connection_id=connection_id,
        trigger="command",
        started_by_id=None,
        is_preview=True,
    )
    return pulling.worked_off(started.run_id)


def log_rows(run: Run) -> list[tuple[Any, ...]]:
    """What a log says, in order of names, less what only a real run can know.

    That is the numbers of what is new, on either side, and the words in which HubSpot refuses.
    """
    return sorted(
        (
            *(entry.object_type, entry.name, entry.outcome, entry.reason or "", str(_changes(entry))),
            *((entry.detail or {}).get("property") or "", _remote_id(entry)),
        )
        for entry in pulling.entries(run.id)
    )


def _changes(entry: LogEntry) -> list[Any]:
    return sorted(
        (str(name), str(old), str(new))
        for name, old, new in entry.changes or ()
        if name not in _HOLDS_NUMBERS
    )


def _remote_id(entry: LogEntry) -> str:
    """Of what is new the preview of a push does not know it yet."""
    run = pulling.run_of(entry.run_id)
    is_new_there = run.kind.startswith("push") and (
        entry.outcome == "created" or entry.reason == "associated"
    )
    return "" if is_new_there else str(entry.remote_id)
