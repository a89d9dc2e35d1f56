"""Finds and cleans what mentions a person in rows about somebody or something else, in every table."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    String,
    Table,
    Text,
    and_,
    cast,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from webapp.domain.links.facts import ERASED_NAME
from webapp.domain.privacy.person import Person
from webapp.domain.privacy.traces import MERGED, NAMING, without_person
from webapp.models import Base, CsvImport, User
from webapp.store.privacy.finding import holds
from webapp.store.privacy.places import OF_LOG, PLACES

ROWS_AT_ONCE = 200

RECORDS = frozenset({"companies", "contacts", "company_texts", "contact_texts", "contact_addresses", "links"})
"""What stays as it is: what people wrote into another record is theirs to change."""
SETTINGS = frozenset({"sync_rules", "field_mappings", "status_mappings", "custom_fields", "property_caches"})
"""Likewise what an administrator set."""
ACCOUNTS = frozenset({"users", "login_sessions", "account_links", "list_columns", "notification_choices"})
"""Accounts are closed under People, and not by an erasure."""
WITHOUT_PEOPLE = frozenset({"frequencies", "installations", "erasures", "erased_addresses", "csv_imports"})
"""Counts, keys and digests; uploaded files go whole (`webapp.store.privacy.files`)."""
_OF_ACCOUNTS = frozenset({"mails", "audit_entries"})
"""What names somebody since they have an account."""


class Mention(Struct, frozen=True):
    """A row that mentions the person: its table and key."""

    table: str
    key: tuple[Any, ...]


def swept() -> list[str]:
    """The tables that are gone through."""
    left = RECORDS | SETTINGS | ACCOUNTS | WITHOUT_PEOPLE
    return [table.name for table in Base.metadata.sorted_tables if table.name not in left and _columns(table)]


def find(
    session: Session,
    person: Person,
    table_name: str,
    *,
    after: Sequence[Any] = (),
    is_of_others: bool = False,
) -> list[Mention]:
    """The next rows of a table that may mention the person, in order of their keys.

    Args:
        session: A transaction.
        person: Who is looked for.
        table_name: One of those that are gone through.
        after: The key behind which they begin.
        is_of_others: Whether the person's own rows are left out.
    """
    table = Base.metadata.tables[table_name]
    key = list(table.primary_key.columns)
    query = select(*key).where(_may_mention(table, _named_in(session, table, person)))
    if is_of_others:
        own = or_(false(), *(place.rows(person) for place in PLACES if place.table.__table__ is table))
        # A row without a record is not counted as the person's own.
        query = query.where(~func.coalesce(own, false(), type_=Boolean))
    if after:
        query = query.where(tuple_(*key) > tuple_(*after) if len(key) > 1 else key[0] > after[0])
    page = query.order_by(*key).limit(ROWS_AT_ONCE)
    return [Mention(table_name, tuple(row)) for row in session.execute(page)]


def clean(session: Session, person: Person, found: Sequence[Mention], *, writes: bool = True) -> int:
    """Remove the person from these rows, as they are now; returns how many mentioned them."""
    changed = 0
    for one in found:
        table = Base.metadata.tables[one.table]
        query = select(table).where(_is(table, one))
        row = session.execute(query.with_for_update() if writes else query).mappings().first()
        values = _cleaned(session, table, dict(row), person) if row is not None else {}
        changed += bool(values)
        if values and writes:
            session.execute(update(table).where(_is(table, one)).values(values))
    return changed


def every_mention(session: Session, person: Person) -> Iterator[dict[str, Any]]:
    """The rows about others that mention the person, as data, with the name of their table."""
    for name in swept():
        table, after = Base.metadata.tables[name], ()
        while found := find(session, person, name, after=after, is_of_others=True):
            after = found[-1].key
            for one in found:
                row = dict(session.execute(select(table).where(_is(table, one))).mappings().one())
                if _cleaned(session, table, row, person):
                    yield {"table": name, **row}


def unchanged(session: Session, person: Person) -> dict[str, int]:
    """How many rows mention the person that an erasure leaves: other records, and settings."""
    left = {"records": ("companies", "contacts"), "settings": tuple(sorted(SETTINGS))}
    return {
        name: count
        for name, tables in left.items()
        if (count := sum(_count_left(session, person, Base.metadata.tables[table]) for table in tables))
    }


def _count_left(session: Session, person: Person, table: Table) -> int:
    mentioned = or_(false(), *(holds(column, person.addresses) for column in _columns(table)))
    if table.name == "contacts":
        mentioned = and_(mentioned, table.c.id.not_in(person.record_ids))
    rows = session.execute(select(table).where(mentioned)).mappings()
    return sum(1 for row in rows if _cleaned_columns(table, dict(row), person, None))


def _may_mention(table: Table, person: Person) -> ColumnElement[bool]:
    """Whether a row may: the exact look is `_cleaned`'s."""
    some = [holds(column, person.addresses) for column in _columns(table)]
    for column in _columns(table):
        if isinstance(column.type, JSON):
            text = cast(column, Text)
            some += [text.contains(f'"{one}"', autoescape=True) for one in person.remote_ids]
            # SQLite keeps JSON as it was written, PostgreSQL puts a blank behind the colon.
            some += [
                text.contains(f'"{key}":{blank}{number}')
                for key in (*NAMING, MERGED)
                for number in person.record_ids
                for blank in ("", " ")
            ]
    if table.name == "log_entries":
        some.append(_is_logged_object(table, person))
    return or_(false(), *some)


def _is_logged_object(table: Table, person: Person) -> ColumnElement[bool]:
    own = and_(table.c.object_type == "contacts", table.c.remote_id.in_(person.remote_ids))
    return and_(own, table.c.name != ERASED_NAME)


def _named_in(session: Session, table: Table, person: Person) -> Person:
    """The person as far as a table mentions them for their own sake, and not for that of their account."""
    if table.name not in _OF_ACCOUNTS:
        return person
    accounts = {*session.scalars(select(User.email).where(User.email.in_(person.addresses)))}
    return structs.replace(person, addresses=tuple(one for one in person.addresses if one not in accounts))


def _is(table: Table, one: Mention) -> ColumnElement[bool]:
    return and_(*(column == value for column, value in zip(table.primary_key, one.key, strict=True)))


def _cleaned(session: Session, table: Table, row: dict[str, Any], person: Person) -> dict[str, Any]:
    """The new values of a row's columns, without the person; empty if it does not mention them."""
    if table.name == "log_entries" and _is_about(row, person):
        return OF_LOG
    object_type = row.get("object_type")
    if object_type is None and "import_id" in row:
        object_type = session.scalar(select(CsvImport.object_type).where(CsvImport.id == row["import_id"]))
    return _cleaned_columns(table, row, _named_in(session, table, person), object_type)


def _is_about(row: dict[str, Any], person: Person) -> bool:
    """Whether an entry of the log is about one of the person's objects, linked or not."""
    is_own = row["object_type"] == "contacts" and row["remote_id"] in person.remote_ids
    return is_own and row["name"] != ERASED_NAME


def _cleaned_columns(
    table: Table, row: dict[str, Any], person: Person, object_type: str | None
) -> dict[str, Any]:
    before = {column.name: row[column.name] for column in _columns(table)}
    after = {name: without_person(value, person, object_type) for name, value in before.items()}
    return {name: value for name, value in after.items() if value != before[name]}


@cache
def _columns(table: Table) -> tuple[Any, ...]:
    """Where a table holds text: neither its key nor what refers to others."""
    return tuple(
        column
        for column in table.columns
        if isinstance(column.type, String | JSON) and not column.primary_key and not column.foreign_keys
    )
