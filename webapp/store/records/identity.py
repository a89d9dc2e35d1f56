"""The records that have a domain or an e-mail address."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Company, Contact, ContactAddress
from webapp.store.database.lists import among
from webapp.store.records.records import TABLES, Record


def by_key(session: Session, object_type: ObjectType, keys: Iterable[str]) -> dict[str, list[int]]:
    """The records of domains or addresses, by these; a contact's further addresses count as well."""
    looked_for = sorted(keys)
    if not looked_for:
        return {}
    columns: list[tuple[Any, Any]] = [(Company.domain_key, Company.id)]
    if object_type == "contacts":
        columns = [
            (Contact.email_key, Contact.id),
            (ContactAddress.email_key, ContactAddress.contact_id),
        ]
    found: dict[str, set[int]] = {}
    for column, number in columns:
        query = select(column, number).where(among(session, column, looked_for))
        for key, record_id in session.execute(query):
            found.setdefault(key, set()).add(record_id)
    return {key: sorted(record_ids) for key, record_ids in found.items()}


def others(
    session: Session, object_type: ObjectType, keys: Sequence[str], record_id: int | None, most: int
) -> tuple[list[Record], int]:
    """The records beside one that have one of its keys: some of them, and how many there are."""
    found = {one for ids in by_key(session, object_type, keys).values() for one in ids} - {record_id}
    table: Any = TABLES[object_type]
    query = select(table).where(among(session, table.id, sorted(found)[:most])).order_by(table.id)
    return (list(session.scalars(query)) if found else []), len(found)
