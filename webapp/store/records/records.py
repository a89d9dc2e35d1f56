"""Companies and contacts: one read, one written."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.own_keys import new_key
from webapp.domain.records.fields import CUSTOM, FIELDS, FIELDS_BY_NAME, ObjectType
from webapp.domain.records.keys import company_keys, contact_keys
from webapp.domain.records.values import Value
from webapp.models import Company, Contact, ContactAddress, Link, LogEntry, Run
from webapp.store.database.lists import among
from webapp.store.links import unchanged
from webapp.store.records import installation
from webapp.store.records.searching import texts

__all__ = [
    "TABLES",
    "Company",
    "Contact",
    "Link",
    "LogEntry",
    "Record",
    "change",
    "columns_of",
    "company_ids_by_domain",
    "existing_company_ids",
    "further_emails",
    "get",
    "insert_many",
    "link_of",
    "log_of",
    "rows_about",
    "turn",
    "values_of",
]

Record = Company | Contact
TABLES: dict[ObjectType, type[Company] | type[Contact]] = {"companies": Company, "contacts": Contact}
_KEYS = {"companies": company_keys, "contacts": contact_keys}


def get(session: Session, object_type: ObjectType, record_id: int) -> Record | None:
    """One record, read afresh."""
    if object_type == "companies":
        return session.get(Company, record_id, populate_existing=True)
    return session.get(Contact, record_id, populate_existing=True)


def values_of(object_type: ObjectType, record: Record) -> dict[str, Value]:
    """A record's field values, custom ones as `custom.NAME`."""
    values = {field.name: getattr(record, field.name) for field in FIELDS[object_type]}
    return values | {f"{CUSTOM}{name}": value for name, value in (record.custom or {}).items()}


def insert_many(session: Session, object_type: ObjectType, many: list[dict[str, Value]]) -> list[int]:
    """Store new records.

    Args:
        session: a writing one.
        object_type: companies or contacts.
        many: for each record every field's value, custom ones as `custom.NAME`.

    Returns:
        Their numbers, in the same order.
    """
    table = TABLES[object_type]
    now, prefix = datetime.now(UTC), installation.key_prefix(session)
    rows = [
        columns_of(object_type, values)
        | {"uuid": new_key(prefix), "is_active": True, "version": 1, "created_at": now, "updated_at": now}
        for values in many
    ]
    ids = list(session.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), rows))
    texts.queue_new(session, object_type, ids)
    return ids


def change(
    session: Session, object_type: ObjectType, record_id: int, version: int, values: Mapping[str, Value]
) -> bool:
    """Store a record's values unless somebody else has written it since this version.

    Returns:
        Whether it was stored.
    """
    table = TABLES[object_type]
    columns = columns_of(object_type, values) | {"version": version + 1, "updated_at": datetime.now(UTC)}
    changed = session.execute(
        update(table)
        .where(table.id == record_id, table.version == version)
        .values(columns)
        .returning(table.id)
    )
    return len(changed.all()) == 1


def turn(session: Session, object_type: ObjectType, record_id: int, *, is_active: bool) -> bool:
    """Deactivate a record, or activate it again; whether that changed anything."""
    table = TABLES[object_type]
    turned = session.execute(
        update(table)
        .where(table.id == record_id, table.is_active.is_not(is_active))
        .values(is_active=is_active, version=table.version + 1, updated_at=datetime.now(UTC))
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    return turned.first() is not None


def existing_company_ids(session: Session, company_ids: set[int]) -> set[int]:
    """The companies among these that exist."""
    return set(session.scalars(select(Company.id).where(Company.id.in_(company_ids))))


def company_ids_by_domain(session: Session, domain_keys: set[str]) -> dict[str, list[int]]:
    """The companies that have these domains."""
    found: dict[str, list[int]] = {}
    query = (
        select(Company.domain_key, Company.id).where(Company.domain_key.in_(domain_keys)).order_by(Company.id)
    )
    for domain, company_id in session.execute(query):
        found.setdefault(domain or "", []).append(company_id)
    return found


def link_of(
    session: Session, connection_id: int | None, object_type: ObjectType, record_id: int
) -> Link | None:
    """The record's link in a connection, as the latest sync left or found it."""
    if connection_id is None:
        return None
    link = session.scalar(
        select(Link).where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            Link.record_id == record_id,
        )
    )
    return unchanged.lay_over(session, link) if link is not None else None


def log_of(session: Session, object_type: ObjectType, record_id: int, limit: int) -> list[LogEntry]:
    """The latest log entries about a record, newest first, without those of previews."""
    query = (
        select(LogEntry)
        .join(Run, Run.id == LogEntry.run_id)
        .where(LogEntry.object_type == object_type, LogEntry.record_id == record_id, ~Run.is_preview)
        .order_by(LogEntry.run_id.desc(), LogEntry.seq.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def rows_about(
    session: Session, table: Any, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> list[Any]:
    """The rows of a table, such as that of links, that are about these records."""
    query = select(table).where(
        table.connection_id == connection_id,
        table.object_type == object_type,
        among(session, table.record_id, list(record_ids)),
    )
    return list(session.scalars(query))


def count_contacts(session: Session, company_id: int) -> int:
    """How many contacts a company has."""
    query = select(func.count()).select_from(Contact).where(Contact.company_id == company_id)
    return session.scalar(query) or 0


def further_emails(session: Session, contact_id: int) -> list[str]:
    """The addresses of a contact beside the first."""
    query = select(ContactAddress.email_key).where(ContactAddress.contact_id == contact_id)
    return list(session.scalars(query.order_by(ContactAddress.email_key)))


def columns_of(object_type: ObjectType, values: Mapping[str, Value]) -> dict[str, Any]:
    """The columns that hold these values, and those derived from them. A blank custom field is none."""
    columns: dict[str, Any] = {name: values.get(name) for name in FIELDS_BY_NAME[object_type]}
    custom = {
        name.removeprefix(CUSTOM): value
        for name, value in values.items()
        if name.startswith(CUSTOM) and value is not None
    }
    return columns | {"custom": custom or None} | _KEYS[object_type](values)
