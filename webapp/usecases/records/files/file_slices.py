"""An uploaded file in a slice of a run: its rows from where the run goes on, and how far it is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.files.row_plan import RowOutcome
from webapp.domain.records.files.rows import Row
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import ImportOptions
from webapp.store.runs.checkpoint import write_checkpoint
from webapp.store.runs.log import Run
from webapp.usecases.records.files.open_file import OpenFile
from webapp.usecases.runs.lease import Lease

ENDED_AS: dict[RowOutcome, str] = {
    "created": outcomes.CREATED,
    "updated": outcomes.UPDATED,
    "unchanged": outcomes.UNCHANGED,
    "already": outcomes.SKIPPED,
    "failed": outcomes.FAILED,
}
"""How a run counts what becomes of a row."""


class Position(Struct, frozen=True, kw_only=True):
    """The position of a run.

    Attributes:
        phase: `rows` are planned or stored; then in a check `repeated` ones are looked for and those
            `resembling` others, in an import what is `alike`.
        after: the row that was done last, the entry of the log, or how many keys were gone through.
        newest: the largest number of a record when the run began.
        alike: how many of the records look like others.
    """

    phase: Literal["rows", "repeated", "resembling", "alike", "end"] = "rows"
    after: int = 1
    newest: int = 0
    alike: int = 0


class FileSlice(Struct):
    """A file in a slice: `batches` are its rows from the position on."""

    lease: Lease
    file: OpenFile
    batches: Iterator[list[Row]]

    @property
    def options(self) -> ImportOptions:
        """The options of the run."""
        return self.lease.options_as(ImportOptions)

    def move(self, session: Session, run: Run, position: Position, now: datetime, **values: Any) -> Position:
        """Let the run go on from a position, in the transaction of what led there."""
        write_checkpoint(session, run, self.lease.checkpoint_at(position), now, **values)
        return position
