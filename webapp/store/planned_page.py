"""Writes what a preview says of one page: the log, the counts, and what its later pages have to see."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.fields import ObjectType
from webapp.domain.keys import company_keys, contact_keys
from webapp.domain.naming import record_name
from webapp.domain.plan import Plan
from webapp.domain.values import Value
from webapp.models import PlannedAddress, PlannedObject, PlannedRecord, Run
from webapp.store.apply import Page, entry_of, tell
from webapp.store.bulk import insert_missing_rows, replace_rows
from webapp.store.checkpoint import Checkpoint
from webapp.store.log_rows import Entry
from webapp.store.planned import company_values

_RECORD_KEYS = ("run_id", "object_type", "record_id")
_RECORD_COLUMNS = (
    *(*_RECORD_KEYS, "remote_id", "link_state"),
    *("email_key", "domain_key", "phone_key", "name_key", "company_id", "values"),
)


def write_planned_page(
    session: Session, run: Run, page: Page, plans: Sequence[Plan], checkpoint: Checkpoint
) -> None:
    """Write the preview's own rows about a page; `run` comes from `lock_run` in the same transaction."""
    object_type = page.mapping.object_type
    values = [
        (plan.record_id, plan.remote.id, {**page.facts.records.get(plan.record_id, {}), **plan.values})
        for plan in plans
        if plan.verb in ("create", "update") and plan.record_id is not None
    ]
    write_records(session, run.id, object_type, values)
    if object_type == "contacts":
        _write_addresses(session, run.id, plans)
    else:
        _write_left_out(session, run.id, plans)
    entries = list(_entries(session, run.id, plans))
    tell(session, run, page, plans, checkpoint, entries=entries)


def write_records(
    session: Session,
    run_id: int,
    object_type: ObjectType,
    planned: Sequence[tuple[int, str | None, dict[str, Value]]],
    link_state: str = "linked",
) -> None:
    """Keep records as they would be: each with its number, its object and its values."""
    rows = []
    for record_id, remote_id, values in planned:
        columns = company_keys(values) if object_type == "companies" else contact_keys(values)
        keys = [columns.get(name) for name in ("email_key", "domain_key", "phone_key", "name_key")]
        fields = {name: value for name, value in values.items() if value is not None}
        rows.append(
            (run_id, object_type, record_id, remote_id, link_state, *keys, values.get("company_id"), fields)
        )
    table: Any = PlannedRecord.__table__
    replace_rows(session, table, _RECORD_COLUMNS, _RECORD_KEYS, rows)


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
    """What the log says. What would be new has no number to lead to yet; companies are told by name."""
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
