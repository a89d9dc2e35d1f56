"""One line of a run's log."""

from typing import Any, NamedTuple

LONGEST_NAME = 300


class Entry(NamedTuple):
    """What the log says of one record: who it is, how it ended and why, and what changed."""

    record_id: int | None
    remote_id: str | None
    name: str
    outcome: str
    reason: str | None
    changes: Any = None
    detail: dict[str, Any] | None = None
