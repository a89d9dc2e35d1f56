"""The audit log: exports, which write nothing else, and how long entries last."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.services import Services
from webapp.store.operating.clock import surely_past
from webapp.store.people import audit

_TURN_S = 0.5
BATCH_SIZE = 1_000


def record_export(services: Services, /, what: str, **detail: Any) -> None:
    """Tell that somebody takes data out of the book, before they get it.

    Args:
        services: What it works with.
        what: A name of `webapp.text.people.EXPORTS`.
        detail: What else is worth knowing, such as the filter.
    """
    with services.database.writing() as session:
        audit.add(session, services.actor, "exported", what=what, **detail)


def clear_old(services: Services) -> None:
    """Clear away what is older than the audit log lasts, a little at a time."""
    past = surely_past(services.database.engine, datetime.now(UTC))
    before = past - timedelta(days=services.settings.audit_retention_days)
    ends_at_s = time.monotonic() + _TURN_S
    has_more = True
    while has_more and time.monotonic() < ends_at_s:
        with services.database.writing() as session:
            has_more = audit.clear_some(session, before, BATCH_SIZE)
