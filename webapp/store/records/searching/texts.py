"""The texts in which searches find records, and the queue of outdated ones.

Triggers of the database queue a record that is changed or deleted. Code that inserts records calls
`queue_new`. The schedule works the queue off in small batches.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.searching import text_of
from webapp.models import Company, CompanyText, Contact, ContactAddress, ContactText, Run, SearchChange
from webapp.store.database.bulk import insert_rows, replace_rows
from webapp.store.database.lists import among, dialect_of

TEXTS: dict[ObjectType, Any] = {"companies": CompanyText, "contacts": ContactText}
CONTACTS_OF = "contacts_of"

_COLUMNS: dict[ObjectType, tuple[Any, ...]] = {
    "companies": tuple(
        getattr(Company, name) for name in ("name", "domain", "phone", "city", "postcode", "industry")
    ),
    "contacts": tuple(
        getattr(Contact, name)
        for name in ("first_name", "last_name", "email", "phone", "mobile", "job_title", "city", "postcode")
    ),
}


class Changes(Struct, frozen=True):
    """A batch of the queue: its rows, and what they are about."""

    rows: list[int]
    records: dict[ObjectType, list[int]]
    renamed: list[int]


def next_changes(session: Session, limit: int) -> Changes:
    """The next batch of the queue."""
    query = select(SearchChange.id, SearchChange.what, SearchChange.record_id).order_by(SearchChange.id)
    found = session.execute(query.limit(limit)).all()
    by_what: dict[str, set[int]] = {}
    for _, what, record_id in found:
        by_what.setdefault(what, set()).add(record_id)
    records = {kind: sorted(by_what[kind]) for kind in TEXTS if kind in by_what}
    return Changes([row_id for row_id, *_ in found], records, sorted(by_what.get(CONTACTS_OF, ())))


def count_changes(session: Session, limit: int) -> int:
    """How long the queue is, counted up to a limit."""
    bounded = select(SearchChange.id).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def changed_ids(session: Session, object_type: ObjectType, limit: int) -> list[int]:
    """The records in the first rows of the queue, the newest first, without contacts of renamed companies."""
    query = select(SearchChange.what, SearchChange.record_id).order_by(SearchChange.id.desc()).limit(limit)
    ids = (record_id for what, record_id in session.execute(query) if what == object_type)
    return list(dict.fromkeys(ids))


def present_texts(session: Session, object_type: ObjectType, ids: Sequence[int]) -> dict[int, str]:
    """The texts of records as they are now, by record; without those that are not here any more."""
    columns = _COLUMNS[object_type]
    names = [column.key for column in columns]
    number: Any = Company.id if object_type == "companies" else Contact.id
    query: Select[Any] = select(number, literal(""), *columns)
    addresses: dict[int, list[str]] = {}
    if object_type == "contacts":
        query = select(number, Company.name, *columns).outerjoin(Company, Company.id == Contact.company_id)
        addresses = _addresses(session, ids)
    found = session.execute(query.where(among(session, number, ids)))
    return {
        record_id: text_of(
            object_type,
            dict(zip(names, values, strict=True)),
            company=company or "",
            addresses=addresses.get(record_id, ()),
        )
        for record_id, company, *values in found
    }


def _addresses(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    whose = ContactAddress.contact_id
    query = select(whose, ContactAddress.email_key).where(among(session, whose, ids))
    found: dict[int, list[str]] = {}
    for contact_id, email in session.execute(query):
        found.setdefault(contact_id, []).append(email)
    return found


def write(session: Session, object_type: ObjectType, ids: Sequence[int], texts: dict[int, str]) -> None:
    """Store the texts of these records, and delete those of records that no longer exist."""
    table = TEXTS[object_type]
    query = select(table.id, table.text).where(among(session, table.id, ids))
    kept: dict[int, str] = dict(session.execute(query).all())
    changed = [(number, text) for number, text in texts.items() if kept.get(number) != text]
    replace_rows(session, table.__table__, ("id", "text"), ("id",), changed)
    if gone := [number for number in kept if number not in texts]:
        statement = delete(table).where(among(session, table.id, gone))
        session.execute(statement.execution_options(synchronize_session=False))


def queue_new(session: Session, object_type: ObjectType, ids: Iterable[int | None]) -> None:
    """Put new records into the queue, in the transaction that inserts them.

    On PostgreSQL a trigger has done so. On SQLite such a trigger would make each inserted row pass through a
    statement journal.
    """
    if dialect_of(session) == "sqlite":
        table: Any = SearchChange.__table__
        insert_rows(session, table, ("what", "record_id"), [(object_type, one) for one in ids])


def queue_contacts_of(session: Session, company_ids: Sequence[int]) -> None:
    """Put the contacts of companies into the queue."""
    contacts = select(literal("contacts"), Contact.id).where(among(session, Contact.company_id, company_ids))
    session.execute(insert(SearchChange).from_select(["what", "record_id"], contacts))


def queue_all(session: Session) -> None:
    """Queue every record, and every text, whose record may be gone."""
    session.execute(delete(SearchChange))
    numbers: dict[ObjectType, Any] = {"companies": Company.id, "contacts": Contact.id}
    for kind, number in numbers.items():
        for known in (select(literal(kind), number), select(literal(kind), TEXTS[kind].id)):
            session.execute(insert(SearchChange).from_select(["what", "record_id"], known))


def take_off(session: Session, changes: Changes) -> None:
    """Forget a batch of the queue."""
    statement = delete(SearchChange).where(among(session, SearchChange.id, changes.rows))
    session.execute(statement.execution_options(synchronize_session=False))


def is_pull_at_work(session: Session) -> bool:
    """Whether a pull writes records at this moment, rather than waiting for HubSpot's next day."""
    query = select(Run.id).where(Run.state == "running", Run.kind == "pull", Run.waiting_for.is_(None))
    return session.scalar(query.limit(1)) is not None
