"""Records that share a key with a few others, by the look-ups that matching has anyway."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.duplicates.keys import LETTERS, MOST_OF_KEY
from webapp.domain.matching.keys import birthday_spellings
from webapp.domain.records.fields import CUSTOM, FIELD_NAMES, ObjectType
from webapp.models import Company, Contact, ContactAddress
from webapp.store.database.lists import among, dialect_of, found_by, parameter
from webapp.store.records.records import TABLES, columns_of

# By these only unlinked records are indexed; a scan finds the others.
_OF_UNLINKED = {
    "companies": ("phone_key", "place_key", "letters_key", "street_key"),
    "contacts": ("place_key", "letters_key", "street_key", "house_key", "town_key", "birthday_key"),
}


def ids_alike(session: Session, object_type: ObjectType, many: Iterable[Mapping[str, Any]]) -> set[int]:
    """The numbers of records that share a key with any of these; for each key a limited number.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        many: Field values of each record, stored or not.
    """
    keys = [columns_of(object_type, values) for values in many]
    found: set[int] = set()
    for name in LETTERS[object_type]:
        values = {one for key in keys if key[name] for one in _spellings(name, key)}
        found |= _sharing(session, object_type, name, sorted(values))
    if object_type == "contacts":
        emails = sorted({key["email_key"] for key in keys if key["email_key"]})
        further = select(ContactAddress.contact_id).where(among(session, ContactAddress.email_key, emails))
        found |= set(session.scalars(further))
    return found


def _spellings(name: str, keys: Mapping[str, Any]) -> tuple[str, ...]:
    key = keys[name]
    return birthday_spellings(key, keys["initials_key"]) if name == "birthday_key" else (key,)


def _sharing(session: Session, object_type: ObjectType, name: str, values: Sequence[str]) -> set[int]:
    if not values:
        return set()
    table: Any = TABLES[object_type].__table__
    dialect = dialect_of(session)
    unless = table.c.is_linked if name in _OF_UNLINKED[object_type] else None
    statement = found_by(dialect, table, "shared", [table.c[name]], MOST_OF_KEY, unless=unless)
    return set(session.scalars(statement, {"shared": parameter(dialect, values)}))


def values_of(session: Session, object_type: ObjectType, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The field values of records that the matcher compares, by number; a contact's also with `company`."""
    table: Any = TABLES[object_type]
    names = FIELD_NAMES[object_type]
    columns = [table.id, table.custom, *(getattr(table, name) for name in names)]
    query = select(*columns).where(among(session, table.id, sorted(ids)))
    if object_type == "contacts":
        query = query.add_columns(Company.name).outerjoin(Company, Company.id == Contact.company_id)
        names = (*names, "company")
    return {
        number: dict(zip(names, values, strict=True))
        | {f"{CUSTOM}{name}": value for name, value in (custom or {}).items()}
        for number, custom, *values in session.execute(query)
    }


def linked_among(session: Session, object_type: ObjectType, ids: Iterable[int]) -> set[int]:
    """Those of some records that are linked to an object."""
    table: Any = TABLES[object_type]
    return set(
        session.scalars(select(table.id).where(among(session, table.id, sorted(ids)), table.is_linked))
    )


def company_names(session: Session, company_ids: Iterable[int]) -> dict[Any, str | None]:
    """The names of companies by number, for the values of their contacts."""
    query = select(Company.id, Company.name).where(among(session, Company.id, sorted(company_ids)))
    return dict(session.execute(query).all())


def further_emails(session: Session, object_type: ObjectType, ids: Iterable[int]) -> dict[int, list[str]]:
    """The addresses of contacts beside their first, by number."""
    if object_type == "companies":
        return {}
    query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
        among(session, ContactAddress.contact_id, sorted(ids))
    )
    found: dict[int, list[str]] = {}
    for contact_id, email in session.execute(query):
        found.setdefault(contact_id, []).append(email)
    return found
