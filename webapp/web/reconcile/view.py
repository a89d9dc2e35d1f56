"""Missed changes on the page of the connection."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from webapp.domain.reconcile.schedule import expects_events, gets_events
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.store.connection.connections import Connection
from webapp.store.mapping import mappings
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs import queries
from webapp.store.runs.log import Run
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.web.services import services

_COUNTED_BACK = timedelta(days=1)


class Reconcile(NamedTuple):
    """How missed changes are found.

    Attributes:
        latest: the latest run that looked for them.
        next_at: when the next automatic one begins; None before a first pull.
        compared_at: when everything was compared last.
        has_events: whether webhook events come at present.
        missed: changes of today and yesterday without a webhook event.
        silent: mapped properties, by object type, that no webhook event has named yet.
    """

    latest: Run | None
    next_at: datetime | None
    compared_at: datetime | None
    has_events: bool
    missed: int
    silent: list[tuple[ObjectType, list[str]]]


def gather(session: Session, row: Connection) -> Reconcile:
    """Everything at once."""
    now = datetime.now(UTC)
    latest = inbox.latest_delivery_at(session)
    is_expected = expects_events(row.kind, latest)
    has_begun = row.first_pull_finished_at is not None
    return Reconcile(
        latest=queries.latest_reconcile(session, row.id),
        next_at=begin_reconcile.next_due_at(services().settings, row, latest, now) if has_begun else None,
        compared_at=row.compared_at,
        has_events=gets_events(latest, now),
        missed=reconcile_walk.missed_since(session, now - _COUNTED_BACK) if is_expected else 0,
        silent=_silent(session, row) if latest is not None else [],
    )


def _silent(session: Session, row: Connection) -> list[tuple[ObjectType, list[str]]]:
    announced = inbox.announced(session, row.id)
    found = []
    for kind in OBJECT_TYPES:
        incoming = mappings.load(session, row.id, kind).incoming_properties
        names = sorted(name for _, name, _ in incoming if (kind, name) not in announced)
        found += [(kind, names)] if names else []
    return found
