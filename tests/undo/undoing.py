"""Undoing in this process, and what both sides hold, less what an undo may leave behind."""

from __future__ import annotations

from typing import Any

from tests.support import pulling
from webapp.models import Company, Contact, Run
from webapp.sync import undo

_MOVING = ("version", "updated_at")


def undone(run_id: int, *, is_preview: bool = False, **part: Any) -> Run:
    """The undo of a run, or of a part of it, worked off."""
    started = undo.start(run_id, trigger="command", user_id=None, is_preview=is_preview, **part)
    return pulling.worked_off(started.run_id)


def records_now() -> dict[str, list[dict[str, Any]]]:
    """Every record here with all its columns but those that count changes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in (Company, Contact):
        names = [column.name for column in table.__table__.columns if column.name not in _MOVING]
        found[table.__tablename__] = [
            {name: getattr(row, name) for name in names} for row in pulling.all_rows(table)
        ]
    return found


def links_now() -> list[tuple[Any, ...]]:
    """Which record is which object, and since when."""
    return [
        (link.object_type, link.record_id, link.remote_id, link.state, link.linked_at, link.remote_seen)
        for link in pulling.links()
    ]
