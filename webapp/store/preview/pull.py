"""Writes a page of a pull's preview: the log, the counts, and the plans that its later pages have to see."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.records.values import Value
from webapp.models import PlannedAddress, PlannedObject, Run
from webapp.store.database.bulk import insert_missing_rows, replace_rows
from webapp.store.links import gone
from webapp.store.preview.overlay import Planned, PlannedRow, company_values, write_records
from webapp.store.pull.apply import entry_of, write_log
from webapp.store.pull.context import Overlay, Page
from webapp.store.runs.checkpoint import Checkpoint
from webapp.store.runs.entry import Entry


class PreviewSink:
    """Keeps what a preview would do for its later pages and its log; see `webapp.store.pull.context.Sink`."""

    is_preview = True

    def overlay(self, session: Session, run_id: int, object_type: ObjectType) -> Overlay:
        """The plans of the preview so far."""
        return Planned(session, run_id, object_type)

    def write(
        self, session: Session, run: Run, page: Page, plans: Sequence[Plan], checkpoint: Checkpoint
    ) -> None:
        """Write the preview's own rows about a page."""
        _write_planned_page(session, run, page, plans, checkpoint)

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
        """Log what would be marked."""
        gone.log(session, run, object_type, remote_ids, checkpoint=checkpoint, now=now)

    def record_all_pulled(
        self, session: Session, connection_id: int, *, run_id: int, watermark: datetime, now: datetime
    ) -> None:
        """A preview has pulled nothing."""


def _write_planned_page(
    session: Session, run: Run, page: Page, plans: Sequence[Plan], checkpoint: Checkpoint
) -> None:
    object_type = page.context.object_type
    rows = [
        PlannedRow(plan.record_id, plan.remote.id, values=_values_after(plan, page))
        for plan in plans
        if plan.verb in ("create", "update") and plan.record_id is not None
    ]
    write_records(session, run.id, object_type, rows)
    if object_type == "contacts":
        _write_addresses(session, run.id, plans)
    else:
        _write_left_out(session, run.id, plans)
    entries = list(_entries(session, run.id, plans))
    write_log(session, run, page, plans, checkpoint, entries=entries)


def _values_after(plan: Plan, page: Page) -> dict[str, Value]:
    return {**page.facts.records.get(plan.record_id or 0, {}), **plan.values}


def _write_addresses(session: Session, run_id: int, plans: Sequence[Plan]) -> None:
    table: Any = PlannedAddress.__table__
    rows = [
        (run_id, plan.record_id, email)
        for plan in plans
        if plan.verb in ("create", "update", "touch") and plan.incoming is not None
        for email in plan.incoming.further_emails
    ]
    insert_missing_rows(session, table, ("run_id", "record_id", "email_key"), rows)


def _write_left_out(session: Session, run_id: int, plans: Sequence[Plan]) -> None:
    table: Any = PlannedObject.__table__
    rows = [(run_id, plan.remote.id, plan.reason) for plan in plans if plan.state is not None]
    replace_rows(session, table, ("run_id", "remote_id", "reason"), ("run_id", "remote_id"), rows)


def _entries(session: Session, run_id: int, plans: Sequence[Plan]) -> Iterator[Entry]:
    """The entry of a plan. What would be new has no number to lead to yet; companies are given by name."""
    belongs = {plan.values.get("company_id") for plan in plans}
    new_ones = [number for number in belongs if isinstance(number, int) and number < 0]
    companies = company_values(session, run_id, new_ones)
    names: dict[Any, str] = {number: record_name("companies", its) for number, its in companies.items()}
    for plan in plans:
        entry = entry_of(plan)
        changes = [
            (name, old, names.get(new, new) if name == "company_id" else new)
            for name, old, new in plan.changes
        ]
        is_new = plan.verb == "create"
        yield entry._replace(record_id=None if is_new else entry.record_id, changes=changes or None)
