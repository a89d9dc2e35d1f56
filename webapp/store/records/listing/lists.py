"""Lists of records: searched, filtered, in an order, in pages by key. No page counts or skips rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Company, Contact
from webapp.store.database.lists import among
from webapp.store.database.pages import Page
from webapp.store.database.walks import Stretch, page_of, walk
from webapp.store.records.listing import ordering
from webapp.store.records.listing.standing import Standing, few_ids, stands, stands_by_list
from webapp.store.records.records import TABLES, Record
from webapp.store.records.searching import matches

State = Literal["active", "inactive", "any"]

PAGE_SIZE = 50
BY_RELEVANCE = ""
"""The order of a search: what begins so, then what has the words anywhere, the newest first."""
MOST_SORTED = matches.COUNTED
"""The most records found by a search that are put into another order; with more, people search further."""


class Question(Struct, frozen=True):
    """Which records, in which order, from where.

    Attributes:
        search: words that are looked for.
        sort: one of `ordering.SORTS`; blank for that of a search, and without one for that by name.
        connection_id: whose links count for `standing`.
        after, before: a cursor from `Page`; at most one of them.
    """

    search: str = ""
    sort: str = BY_RELEVANCE
    state: State = "active"
    standing: Standing = "any"
    connection_id: int | None = None
    company_id: int | None = None
    after: str = ""
    before: str = ""


class Listed(Struct, frozen=True):
    """A page of records, and what a search found in all.

    Attributes:
        found: how many, counted to one above `MOST_SORTED`; None where nothing was searched for.
    """

    page: Page[Record]
    found: int | None = None


def page(session: Session, object_type: ObjectType, question: Question) -> Page[Record]:
    """Read one page of records. A cursor that makes no sense counts as none."""
    return read(session, object_type, question).page


def read(session: Session, object_type: ObjectType, question: Question) -> Listed:
    """Read one page of records; of a search, also how many there are."""
    table: Any = TABLES[object_type]
    narrow = narrowing(session, object_type, question)
    paged = partial(page_of, session, table, after=question.after, before=question.before, limit=PAGE_SIZE)
    if not question.search.strip():
        stretches = stretches_of(session, object_type, question)
        return Listed(paged(stretches, narrow, otherwise=_found_first(session, object_type, question)))
    stretches = _relevance(session, object_type, question)
    # What is known to be more than is counted is read as far as the page goes.
    is_long = (
        any(one.is_long for one in stretches) and question.standing == "any" and question.state != "inactive"
    )
    most = PAGE_SIZE if is_long else MOST_SORTED
    walked = walk(session, table, stretches, narrow, limit=most + 1, columns=())
    places = [one.place for one in walked]
    found = MOST_SORTED + 1 if is_long else len(places)
    if question.sort != BY_RELEVANCE and found <= MOST_SORTED:
        stretches = _sorted_among(session, object_type, question, [one.number for one in places])
    elif not question.after and not question.before:
        shown = rows_of(session, object_type, [one.number for one in places[:PAGE_SIZE]])
        following = places[PAGE_SIZE - 1].cursor if len(places) > PAGE_SIZE else ""
        return Listed(Page(shown, next=following), found)
    return Listed(paged(stretches, narrow), found)


def rows_of(session: Session, object_type: ObjectType, ids: Sequence[int]) -> list[Record]:
    """The records with these numbers, in this order."""
    table: Any = TABLES[object_type]
    rows = {record.id: record for record in session.scalars(select(table).where(table.id.in_(ids)))}
    return [rows[number] for number in ids if number in rows]


def stretches_of(session: Session, object_type: ObjectType, question: Question) -> list[Stretch]:
    """The list as stretches of indexes, less what `narrowing` leaves out; a search in its own order."""
    if question.search.strip():
        return _relevance(session, object_type, question)
    return ordering.stretches(object_type, question.sort or ordering.BY_NAME)


def _sorted_among(
    session: Session, object_type: ObjectType, question: Question, ids: Sequence[int]
) -> list[Stretch]:
    is_found = among(session, TABLES[object_type].id, ids)
    return [one.narrowed(is_found) for one in ordering.stretches(object_type, question.sort)]


def _relevance(session: Session, object_type: ObjectType, question: Question) -> list[Stretch]:
    few = few_ids(session, question.connection_id, object_type, question.standing)
    return matches.stretches(session, object_type, question.search, among_ids=few)


def narrowing(
    session: Session, object_type: ObjectType, question: Question
) -> Callable[[Select[Any]], Select[Any]]:
    """Takes out of a query what the list does not show."""
    conditions = _shown(session, object_type, question)
    return lambda query: query.where(*conditions)


def _found_first(
    session: Session, object_type: ObjectType, question: Question
) -> Callable[[Select[Any]], Select[Any]] | None:
    """The same by the list of a sync state; None where it has none, or a short one that is used anyway.

    Records that are held for long may stand at the far end of an order, behind all others.
    """
    is_listed = stands_by_list(session, question.connection_id, object_type, question.standing)
    if is_listed is None:
        return None
    conditions = [*shown_beside_standing(object_type, question), is_listed]
    return lambda query: query.where(*conditions)


def _shown(session: Session, object_type: ObjectType, question: Question) -> list[ColumnElement[bool]]:
    """The conditions of a list besides its search."""
    conditions = shown_beside_standing(object_type, question)
    if question.standing != "any":
        conditions.append(stands(session, question.connection_id, object_type, question.standing))
    return conditions


def shown_beside_standing(object_type: ObjectType, question: Question) -> list[ColumnElement[bool]]:
    """The conditions of a list without the one on the sync state."""
    table: Any = TABLES[object_type]
    conditions: list[ColumnElement[bool]] = []
    if question.company_id is not None:
        conditions.append(table.company_id == question.company_id)
    if question.state != "any":
        conditions.append(table.is_active.is_(question.state == "active"))
    return conditions


def narrowed(
    session: Session,
    object_type: ObjectType,
    question: Question,
    query: Select[Any],
    *,
    one_by_one: bool = False,
) -> Select[Any]:
    """The query less the records that a list does not show.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        question: The list.
        query: Of the table of these records.
        one_by_one: Whether it goes through the records anyway, and searches may look into each.
    """
    query = query.where(*_shown(session, object_type, question))
    if question.search.strip():
        query = query.where(matches.is_found(session, object_type, question.search, one_by_one=one_by_one))
    return query


def choices(session: Session, search: str, limit: int) -> list[Company]:
    """Active companies to choose from: the one with this number, and those that a search finds."""
    found: list[Company] = []
    text = search.strip()
    if text.isascii() and text.isdecimal() and len(text) < len(str(2**31)):
        found += session.scalars(select(Company).where(Company.id == int(text)))
    question = Question(search=text)
    stretches = stretches_of(session, "companies", question)
    rows = walk(session, Company, stretches, narrowing(session, "companies", question), limit=limit)
    return found + [one.row for one in rows if one.row not in found]


def ids_beginning(session: Session, object_type: ObjectType, search: str, limit: int) -> list[int]:
    """The numbers of records, inactive ones too, whose name, address or domain begins so."""
    found: dict[int, None] = {}
    for begins in matches.beginning(object_type, search):
        found.update(dict.fromkeys(session.scalars(begins.limit(limit))))
    return list(found)[:limit]


def companies_of(session: Session, contacts: Sequence[Record]) -> dict[int, Company]:
    """The companies of these contacts, by number."""
    company_ids = {contact.company_id for contact in contacts if isinstance(contact, Contact)}
    query = select(Company).where(Company.id.in_({number for number in company_ids if number is not None}))
    return {company.id: company for company in session.scalars(query)}


def count_changed(session: Session, object_type: ObjectType, since: datetime) -> int:
    """How many records were changed or made since a moment."""
    table = TABLES[object_type]
    return session.scalar(select(func.count()).select_from(table).where(table.updated_at >= since)) or 0
