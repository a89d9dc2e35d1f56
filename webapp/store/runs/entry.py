"""One line of a run's log."""

from typing import Any, NamedTuple

LONGEST_NAME = 300


class Entry(NamedTuple):
    """A log entry about one record: the record, how it ended and why, and its changes."""

    record_id: int | None
    remote_id: str | None
    name: str
    outcome: str
    reason: str | None
    changes: Any = None
    detail: dict[str, Any] | None = None
