"""Notifications at the end of a run: one mail when reconciles begin to fail, until one works again."""

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.domain.notifications.kinds import FAILED_RECONCILE
from webapp.domain.notifications.moments import failed_reconcile
from webapp.models import Run
from webapp.store.notifications import choices, raised


def run_ended(session: Session, run: Run, now: datetime) -> None:
    """Add the mails about a run that has just ended, in the transaction that ends it."""
    if run.kind != "reconcile":
        return
    has_failed = failed_reconcile(run.state, run.error)
    if has_failed is None:
        return
    if raised.move(session, run.connection_id, FAILED_RECONCILE, now, is_so=has_failed):
        addresses = [one.email for one in choices.recipients(session, FAILED_RECONCILE)]
        raised.add_mails(session, FAILED_RECONCILE, addresses, {"run_id": run.id, "error": run.error}, now)
