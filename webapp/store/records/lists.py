"""Lists of records: searched by prefix, filtered, in pages by key. No page counts or skips rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_, union
from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, ObjectType
from webapp.domain.records.keys import email_key, text_key
from webapp.models import Company, Contact, Link
from webapp.store.database.pages import Moment, Number, Page, Text, cursor, place_of
from webapp.store.records.records import TABLES, Record
from webapp.store.records.standing import Standing, is_few, stands

Sort = Literal["name", "changed"]
State = Literal["active", "inactive", "any"]

PAGE_SIZE = 50
# How many records are read at the most for those that a rule excludes, and how many at once.
LOOK_THROUGH = 5_000
BATCH_SIZE = 1_000
_LAST_CHARACTER = "\U0010ffff"


class Question(Struct, frozen=True):
    """Which records, in which order, from where.

    Attributes:
        search: what the name, e-mail or domain begins with.
        connection_id: whose links count for `standing`.
        after, before: a cursor from `Page`; at most one of them.
    """

    search: str = ""
    sort: Sort = "name"
    state: State = "active"
    standing: Standing = "any"
    connection_id: int | None = None
    company_id: int | None = None
    after: str = ""
    before: str = ""


def page(session: Session, object_type: ObjectType, question: Question) -> Page[Record]:
    """Read one page of records. A cursor that makes no sense counts as none."""
    after, before = _position(question.sort, question.after), _position(question.sort, question.before)
    is_backwards = before is not None and after is None
    query = _query(session, object_type, question, before if is_backwards else after, is_backwards)
    rows: list[Record] = list(session.scalars(query))
    has_more = len(rows) > PAGE_SIZE
    rows = rows[:PAGE_SIZE]
    if is_backwards:
        rows.reverse()
    has_next = has_more if not is_backwards else True
    has_previous = has_more if is_backwards else after is not None
    return Page(
        rows,
        next=_cursor(question.sort, rows[-1]) if rows and has_next else "",
        previous=_cursor(question.sort, rows[0]) if rows and has_previous else "",
        is_first=not has_previous,
    )


def excluded_page(
    session: Session,
    object_type: ObjectType,
    question: Question,
    names: Sequence[str],
    is_excluded: Callable[[int, dict[str, Any]], bool],
) -> Page[Record]:
    """A page of the records that are not linked and that a rule excludes, as only their values show.

    So many are read at the most; where that ends before the page is full, the next page goes on from there.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        question: Which of them, and from where.
        names: The fields that the rule asks about.
        is_excluded: Whether it excludes the record with this number and these values.
    """
    found: list[int] = []
    position, read = _position(question.sort, question.after), 0
    while read < LOOK_THROUGH:
        rows = _values_of_some(session, object_type, question, position, names)
        for number, _, values in rows:
            if is_excluded(number, values):
                found.append(number)
            if len(found) > PAGE_SIZE:
                shown = _in_order(session, object_type, found[:PAGE_SIZE])
                return Page(shown, next=_cursor(question.sort, shown[-1]))
        if len(rows) < BATCH_SIZE:
            return Page(_in_order(session, object_type, found))
        read += len(rows)
        position = (rows[-1][1], rows[-1][0])
    [last] = _in_order(session, object_type, [rows[-1][0]])
    shown = _in_order(session, object_type, found)
    return Page(shown, next=_cursor(question.sort, last), is_cut=True)


def _values_of_some(
    session: Session,
    object_type: ObjectType,
    question: Question,
    position: tuple[Any, int] | None,
    names: Sequence[str],
) -> list[tuple[int, Any, dict[str, Any]]]:
    """The next records of a list: number, place in the order, and the values of these fields alone."""
    table: Any = TABLES[object_type]
    key = table.sort_key if question.sort == "name" else table.updated_at
    standard = [name for name in names if not name.startswith(CUSTOM)]
    query = _query(session, object_type, question, position, is_backwards=False).limit(BATCH_SIZE)
    columns = query.with_only_columns(table.id, key, table.custom, *(getattr(table, one) for one in standard))
    return [
        (number, place, dict(zip(standard, values, strict=True)) | _with_prefix(custom))
        for number, place, custom, *values in session.execute(columns)
    ]


def _with_prefix(custom: dict[str, Any] | None) -> dict[str, Any]:
    return {f"{CUSTOM}{name}": value for name, value in (custom or {}).items()}


def _in_order(session: Session, object_type: ObjectType, ids: Sequence[int]) -> list[Record]:
    table: Any = TABLES[object_type]
    found = {record.id: record for record in session.scalars(select(table).where(table.id.in_(ids)))}
    return [found[number] for number in ids if number in found]


def choices(session: Session, search: str, limit: int) -> list[Company]:
    """Active companies to choose from: those with this number, and those whose name or domain begins so."""
    found: list[Company] = []
    text = search.strip()
    if text.isascii() and text.isdecimal() and len(text) < len(str(2**31)):
        found += session.scalars(select(Company).where(Company.id == int(text)))
    query = _query(session, "companies", Question(search=text), None, is_backwards=False).limit(limit)
    return found + [company for company in session.scalars(query) if company not in found]


def ids_beginning(session: Session, object_type: ObjectType, search: str, limit: int) -> list[int]:
    """The numbers of records, inactive ones too, whose name, address or domain begins so."""
    table: Any = TABLES[object_type]
    ranges = [(column, prefix) for column, prefix in _prefixes(object_type, search) if prefix]
    found: dict[int, None] = {}
    for column, prefix in ranges:
        query = select(table.id).where(_begins(column, prefix)).limit(limit)
        found.update(dict.fromkeys(session.scalars(query)))
    return list(found)[:limit]


def link_states(
    session: Session, connection_id: int | None, object_type: ObjectType, records: Sequence[Record]
) -> dict[int, str]:
    """How those of these records that have a link are linked: `linked`, `stopped` or `gone`."""
    if connection_id is None or not records:
        return {}
    query = select(Link.record_id, Link.state).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        Link.record_id.in_([record.id for record in records]),
    )
    return dict(session.execute(query).all())


def companies_of(session: Session, contacts: Sequence[Record]) -> dict[int, Company]:
    """The companies of these contacts, by number."""
    company_ids = {contact.company_id for contact in contacts if isinstance(contact, Contact)}
    query = select(Company).where(Company.id.in_({number for number in company_ids if number is not None}))
    return {company.id: company for company in session.scalars(query)}


def _query(
    session: Session,
    object_type: ObjectType,
    question: Question,
    position: tuple[Any, int] | None,
    is_backwards: bool,  # noqa: FBT001 - one of two directions
) -> Select[Any]:
    table: Any = TABLES[object_type]
    key = table.sort_key if question.sort == "name" else table.updated_at
    # The newest change comes first.
    is_descending = (question.sort == "changed") != is_backwards
    query = select(table).limit(PAGE_SIZE + 1)
    order = (key, table.id)
    query = query.order_by(*((column.desc() for column in order) if is_descending else order))
    if position is not None:
        row, here = tuple_(*order), tuple_(literal(position[0], key.type), position[1])
        query = query.where(row < here if is_descending else row > here)
    return narrowed(session, object_type, question, query)


def narrowed(
    session: Session, object_type: ObjectType, question: Question, query: Select[Any]
) -> Select[Any]:
    """The query less the records that a list does not show."""
    table: Any = TABLES[object_type]
    if question.company_id is not None:
        query = query.where(table.company_id == question.company_id)
    if question.state != "any":
        query = query.where(table.is_active.is_(question.state == "active"))
    if question.standing != "any":
        query = query.where(stands(session, question.connection_id, object_type, question.standing))
    return _searched(session, object_type, question.search, query)


def _searched(session: Session, object_type: ObjectType, search: str, query: Select[Any]) -> Select[Any]:
    """Leave only what begins with the search, by whichever of two ways reads fewer rows."""
    table: Any = TABLES[object_type]
    ranges = [(column, prefix) for column, prefix in _prefixes(object_type, search) if prefix]
    if not ranges:
        return query if not search.strip() else query.where(table.id.is_(None))
    matches = [select(table.id).where(_begins(column, prefix)) for column, prefix in ranges]
    if all(is_few(session, each) for each in matches):
        return query.where(table.id.in_(union(*matches)))
    # A computed column has no index, so the database walks along the one that it sorts by.
    return query.where(or_(*(_begins(column.concat(""), prefix) for column, prefix in ranges)))


def _prefixes(object_type: ObjectType, search: str) -> list[tuple[Any, str]]:
    """The indexed columns and what each has to begin with."""
    name_prefix = text_key(search)
    if object_type == "companies":
        domain = search.strip().lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
        return [(Company.sort_key, name_prefix), (Company.domain_key, domain.split("/")[0])]
    email = email_key(search) or ""
    if "@" in search:
        return [(Contact.email_key, email)]
    return [(Contact.sort_key, name_prefix), (Contact.name_key, name_prefix), (Contact.email_key, email)]


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    return and_(column >= prefix, column < prefix + _LAST_CHARACTER)


def _cursor(sort: Sort, record: Record) -> str:
    key = record.sort_key if sort == "name" else record.updated_at
    return cursor(key, record.id)


def _position(sort: Sort, given: str) -> tuple[Any, int] | None:
    return place_of(given, tuple[Text, Number]) if sort == "name" else place_of(given, tuple[Moment, Number])


def count_changed(session: Session, object_type: ObjectType, since: datetime) -> int:
    """How many records were changed or made since a moment."""
    table = TABLES[object_type]
    return session.scalar(select(func.count()).select_from(table).where(table.updated_at >= since)) or 0
