"""The records here that rows of a file may mean, a batch at a time."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.recognition import Known, Stored
from webapp.domain.records.files.rows import Row, company_domain_key, company_name_key
from webapp.domain.records.normal.whole_numbers import whole_number
from webapp.domain.records.values import trimmed
from webapp.models import Company, ContactAddress, Link, MergedRecord
from webapp.store.connection import connections
from webapp.store.database.ids import LARGEST_ID
from webapp.store.database.lists import among, dialect_of, found_by, parameter
from webapp.store.records import identity, records
from webapp.store.records.files import deleted
from webapp.store.records.records import TABLES, Record

# How many companies with one key are read to find the one with exactly this name.
_MOST_NAMED = 40


def newest_id(session: Session, object_type: ObjectType) -> int:
    """The largest number of a record; records that a file brings in get larger ones, which no row means."""
    return session.scalar(select(func.max(TABLES[object_type].id))) or 0


def known(session: Session, object_type: ObjectType, rows: Sequence[Row], newest: int) -> Known:
    """What this side knows about these rows.

    Args:
        session: What reads.
        object_type: Companies or contacts.
        rows: The rows of a batch.
        newest: The largest number that a record had when the import began; later ones are not looked up.
    """
    found = Known()
    numbers = {number for row in rows if (number := _number(row.record_id))}
    found.merged = _merged(session, object_type, numbers)
    found.by_remote = _by_remote(session, object_type, {row.remote_id for row in rows if row.remote_id})
    found.by_key = identity.by_key(session, object_type, {key for row in rows for key in row.keys})
    looked_for = {number for number in numbers if number <= newest}
    looked_for.update(found.merged.values(), found.by_remote.values())
    looked_for.update(*found.by_key.values())
    found.deleted = deleted.by_claim(session, object_type, rows, numbers)
    found.records = _records(session, object_type, looked_for)
    if object_type == "contacts":
        named = {number for row in rows if (number := _number(trimmed(row.given.get("company_id", ""))))}
        found.companies = records.existing_company_ids(session, named)
        found.by_name = _companies_named(session, {key for row in rows if (key := company_name_key(row))})
        found.by_domain = records.company_ids_by_domain(session, _company_domains(rows))
    return found


def _number(text: str) -> int | None:
    """The record number in a cell; None if it holds none."""
    return whole_number(text, LARGEST_ID) or None


def _companies_named(session: Session, keys: set[str]) -> dict[str, list[tuple[int, str]]]:
    """The companies whose names have these keys, each with its name; at most a fixed number for each key."""
    if not keys:
        return {}
    dialect, table = dialect_of(session), Company.__table__
    some = found_by(dialect, table, "named", [table.c.name_key], _MOST_NAMED)
    ids = list(session.scalars(some, {"named": parameter(dialect, sorted(keys))}))
    query = select(Company.name_key, Company.id, Company.name).where(among(session, Company.id, ids))
    found: dict[str, list[tuple[int, str]]] = {}
    for key, number, name in session.execute(query.order_by(Company.id)):
        found.setdefault(key or "", []).append((number, name or ""))
    return found


def _company_domains(rows: Iterable[Row]) -> set[str]:
    return {key for row in rows if (key := company_domain_key(row))}


def _merged(session: Session, object_type: ObjectType, numbers: set[int]) -> dict[int, int]:
    if not numbers:
        return {}
    query = select(MergedRecord.loser_id, MergedRecord.winner_id).where(
        MergedRecord.object_type == object_type, among(session, MergedRecord.loser_id, sorted(numbers))
    )
    return {row.loser_id: row.winner_id for row in session.execute(query)}


def _by_remote(session: Session, object_type: ObjectType, remote_ids: set[str]) -> dict[str, int]:
    connection = connections.current(session)
    if connection is None or not remote_ids:
        return {}
    query = select(Link.remote_id, Link.record_id).where(
        Link.connection_id == connection.id,
        Link.object_type == object_type,
        among(session, Link.remote_id, sorted(remote_ids)),
    )
    return {row.remote_id: row.record_id for row in session.execute(query)}


def _records(session: Session, object_type: ObjectType, numbers: set[int]) -> dict[int, Stored]:
    if not numbers:
        return {}
    table: Any = TABLES[object_type]
    query = select(table).where(among(session, table.id, sorted(numbers)))
    rows: list[Record] = list(session.scalars(query.execution_options(populate_existing=True)))
    further = _further_keys(session, numbers) if object_type == "contacts" else {}
    found = {}
    for row in rows:
        own = row.domain_key if isinstance(row, Company) else row.email_key
        keys = frozenset([own] if own else []) | further.get(row.id, frozenset())
        found[row.id] = Stored(row.version, records.values_of(object_type, row), keys)
    session.expunge_all()
    return found


def _further_keys(session: Session, numbers: set[int]) -> dict[int, frozenset[str]]:
    query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
        among(session, ContactAddress.contact_id, sorted(numbers))
    )
    found: dict[int, set[str]] = {}
    for contact_id, key in session.execute(query):
        found.setdefault(contact_id, set()).add(key)
    return {contact_id: frozenset(keys) for contact_id, keys in found.items()}
