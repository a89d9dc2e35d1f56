"""The two ends of the plans of a change: carried out, or shown by a preview. A slice decides once which."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from webapp.domain.changes.plan import ChangePlan
from webapp.domain.records.fields import ObjectType
from webapp.models import Run
from webapp.store.changes import records
from webapp.store.changes.records import Records


class Sink(Protocol):
    """Reads the records of a page, and takes the plans for them."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, in the caller's transaction."""

    def write(self, found: Records, plans: dict[int, ChangePlan], run: Run, now: datetime) -> None:
        """Carry the plans out, by record."""


class RecordSink:
    """Carries plans out."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, locked."""
        return records.gather(session, connection_id, object_type, ids, locks=True)

    def write(self, found: Records, plans: dict[int, ChangePlan], run: Run, now: datetime) -> None:
        """Write the whole page."""
        records.write(found, plans, run, now)


class PreviewSink:
    """Leaves everything as it is."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, which others may go on changing."""
        return records.gather(session, connection_id, object_type, ids, locks=False)

    def write(self, found: Records, plans: dict[int, ChangePlan], run: Run, now: datetime) -> None:
        """Nothing is written but the log."""
