"""A run as the commands print it; the shape is a promise to scripts."""

from datetime import datetime
from typing import Any

from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.progress import filled_counts
from webapp.store.runs.log import Run


def run_json(run: Run) -> dict[str, Any]:
    """A run as plain data: times in ISO 8601 and UTC, every count present, `error` a stable name or None."""
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
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
