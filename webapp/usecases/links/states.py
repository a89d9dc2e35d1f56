"""The sync state of one record and its reason, gathered from its link, its log and the rules."""

from sqlalchemy.orm import Session

from webapp.domain.links.state import Known, SyncState, sync_state
from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import excluded_by, with_company
from webapp.store.failing import failures
from webapp.store.held import records as held_records
from webapp.store.push import outbox
from webapp.store.records import company_values, records
from webapp.store.records.records import LogEntry, Record
from webapp.store.rules import rules


def state_of(session: Session, connection_id: int, object_type: ObjectType, record: Record) -> SyncState:
    """The state of a record in a connection."""
    link = records.link_of(session, connection_id, object_type, record.id)
    held = held_records.get(session, connection_id, object_type, record.id)
    values = records.values_of(object_type, record)
    rule = rules.load(session, connection_id, object_type, "out")
    company = company_values.of_contact(session, rule, values)
    latest = records.log_of(session, object_type, record.id, 1)
    entry = latest[0] if latest else None
    # A stale entry is not the latest outcome: what is unchanged is stamped on the link and has no entry.
    outcome, reason = (link.last_outcome, link.last_reason) if link else _ending_of(entry)
    failing = failures.of_record(session, connection_id, object_type, record.id)
    return sync_state(
        Known(
            is_active=record.is_active,
            link_state=link.state if link else None,
            outcome=outcome,
            reason=reason,
            detail=entry.detail if entry is not None and entry.reason == reason else None,
            held=(held.reason, held.detail) if held else None,
            failing=(failing.reason, failing.detail) if failing else None,
            excluded=excluded_by(rule, with_company(rule, values, company)),
            is_unsent=bool(outbox.unsent_of(session, connection_id, object_type, [record.id])),
        )
    )


def _ending_of(entry: LogEntry | None) -> tuple[str | None, str | None]:
    return (entry.outcome, entry.reason) if entry else (None, None)
