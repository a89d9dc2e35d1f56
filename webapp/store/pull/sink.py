"""The sink of a run that writes what was planned into the records and links."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.models import Run
from webapp.store.connection import connections
from webapp.store.links import gone, unchanged
from webapp.store.pull.apply import write_page
from webapp.store.pull.context import Overlay, Page
from webapp.store.pull.no_overlay import NoPullOverlay
from webapp.store.runs.checkpoint import Checkpoint


class RecordSink:
    """Carries plans out; see `webapp.store.pull.context.Sink`."""

    is_preview = False

    def overlay(self, session: Session, _run_id: int, object_type: ObjectType) -> Overlay:
        """No overlay: earlier pages are in the tables."""
        return NoPullOverlay(session, object_type)

    def write(
        self, session: Session, run: Run, page: Page, plans: Sequence[Plan], checkpoint: Checkpoint
    ) -> None:
        """Write everything about a page."""
        write_page(session, run, page, plans, checkpoint)

    def mark_gone(
        self,
        session: Session,
        run: Run,
        object_type: ObjectType,
        remote_ids: Sequence[str],
        *,
        checkpoint: Checkpoint,
        now: datetime,
    ) -> None:
        """Mark the links, and log it."""
        gone.mark(session, run, object_type, remote_ids, checkpoint=checkpoint, now=now)

    def record_all_pulled(
        self, session: Session, connection_id: int, *, run_id: int, watermark: datetime, now: datetime
    ) -> None:
        """The first pull sets the watermark; later ones only tidy up what they found unchanged."""
        unchanged.tidy(session, connection_id, run_id)
        connections.record_first_pull(session, connection_id, watermark=watermark, now=now)
