"""The two ends of the plans of a deletion: carried out, or shown by a preview. A slice decides once which."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import DeletionPlan, Present
from webapp.domain.records.fields import ObjectType
from webapp.models import Run
from webapp.store.deletion import moves, records
from webapp.store.deletion.records import Records
from webapp.store.runs.entry import Entry


class Sink(Protocol):
    """Reads the records of a page, and takes the plans for them."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, in the caller's transaction."""

    def present(self, found: Records, record_id: int, *, contacts_went: bool) -> Present:
        """A record as its deletion sees it.

        Args:
            found: The records of the page.
            record_id: Which of them.
            contacts_went: Whether the run has deleted or moved the contacts of companies before.
        """

    def entry(self, found: Records, record_id: int, plan: DeletionPlan, run_id: int) -> Entry:
        """The log entry of a record."""

    def write(
        self,
        found: Records,
        run: Run,
        now: datetime,
        *,
        moved: Sequence[int] = (),
        company_id: int | None = None,
    ) -> None:
        """Delete the records that go; give `moved` contacts to another company."""


class RecordSink:
    """Carries plans out."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, locked."""
        return records.gather(session, connection_id, object_type, ids)

    def present(self, found: Records, record_id: int, *, contacts_went: bool) -> Present:  # noqa: ARG002 - the tables say it
        """The record as the tables have it."""
        return found.present(record_id)

    def entry(self, found: Records, record_id: int, plan: DeletionPlan, run_id: int) -> Entry:
        """The entry; that of a record that goes keeps what an undo needs."""
        if plan.verb == "delete":
            return records.take(found, record_id, plan, run_id)
        return found.entry(record_id, plan)

    def write(
        self,
        found: Records,
        run: Run,
        now: datetime,
        *,
        moved: Sequence[int] = (),
        company_id: int | None = None,
    ) -> None:
        """Write the whole page."""
        records.write(found, now)
        moves.move(found, moved, company_id, run, now)


class PreviewSink:
    """Leaves everything as it is."""

    def gather(
        self, session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
    ) -> Records:
        """The records, which others may go on changing."""
        return records.gather(session, connection_id, object_type, ids, locks=False)

    def present(self, found: Records, record_id: int, *, contacts_went: bool) -> Present:
        """The record without the contacts that the run would have dealt with before."""
        present = found.present(record_id)
        return present.without_contacts() if contacts_went else present

    def entry(self, found: Records, record_id: int, plan: DeletionPlan, run_id: int) -> Entry:  # noqa: ARG002 - no trace is left
        """What would be logged, less what only an undo needs."""
        return found.entry(record_id, plan)

    def write(
        self,
        found: Records,
        run: Run,
        now: datetime,
        *,
        moved: Sequence[int] = (),
        company_id: int | None = None,
    ) -> None:
        """Nothing is written but the log."""
