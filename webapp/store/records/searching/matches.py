"""The matches of a search: stretches of records, each in the order of an index.

First come those whose name begins with what was typed, then those whose e-mail address or domain does, then
what was changed so lately that its text is not there yet, and last, the newest first, those that have the
words anywhere. So a page of a search costs the same however many records it finds.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select, union
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.searching import Search, search_of
from webapp.models import Company, Contact
from webapp.store.database.lists import among, dialect_of
from webapp.store.database.walks import Stretch
from webapp.store.records.records import TABLES
from webapp.store.records.searching import texts, trigrams

MOST_FRESH = 200
"""The most changed records that are searched one by one before their texts are brought up to date."""
COUNTED = 500
"""What a search finds is counted up to this many."""
FEW_FOUND = 1_000
"""Up to this many, what PostgreSQL's index finds is sorted; above, a page is met sooner by looking."""
_LAST_CHARACTER = "\U0010ffff"


def stretches(
    session: Session, object_type: ObjectType, typed: str, *, among_ids: Sequence[int] | None = None
) -> list[Stretch]:
    """The stretches of a search, none of whose records is in two of them.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        typed: What was typed.
        among_ids: Where only these few are wanted, their numbers.
    """
    search = search_of(typed)
    found = [Stretch(key, (begins,)) for key, begins in _beginnings(object_type, search)]
    if not search.is_indexed:
        return _apart(found)
    number: Any = TABLES[object_type].id
    if fresh := fresh_ids(session, object_type, search):
        found.append(Stretch(number, (among(session, number, fresh),), is_descending=True))
    return _apart([*found, _anywhere(session, object_type, search, among_ids)])


def is_found(
    session: Session, object_type: ObjectType, typed: str, *, one_by_one: bool = False
) -> ColumnElement[bool]:
    """Whether a search finds a record, as a condition.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        typed: What was typed.
        one_by_one: Whether each record is looked into, as is cheap where they are gone through anyway; else
            all are found by the indexes at once.
    """
    search, number = search_of(typed), TABLES[object_type].id
    begins = [condition for _, condition in _beginnings(object_type, search)]
    if not search.is_indexed:
        return or_(false(), *begins)
    fresh = among(session, number, fresh_ids(session, object_type, search))
    if one_by_one:
        kept = texts.TEXTS[object_type]
        has_terms = trigrams.has_all_terms(session, kept.text, search)
        return or_(*begins, fresh, exists().where(kept.id == number, has_terms))
    by_index = [select(number).where(begin) for begin in begins]
    return or_(number.in_(union(*by_index, trigrams.found_ids(session, object_type, search))), fresh)


def beginning(object_type: ObjectType, typed: str) -> list[Select[Any]]:
    """The numbers of the records whose name, address or domain begins with the text, one query for each."""
    number = TABLES[object_type].id
    return [select(number).where(begins) for _, begins in _beginnings(object_type, search_of(typed))]


def fresh_ids(session: Session, object_type: ObjectType, search: Search) -> list[int]:
    """The recently changed records whose present values have the words."""
    changed = texts.changed_ids(session, object_type, MOST_FRESH)
    found = texts.present_texts(session, object_type, changed) if changed else {}
    return sorted((number for number, text in found.items() if search.is_in(text)), reverse=True)


def _beginnings(object_type: ObjectType, search: Search) -> list[tuple[Any, ColumnElement[bool]]]:
    """The indexed columns and what each has to begin with."""
    if object_type == "companies":
        ranges: list[tuple[Any, str]] = [
            (Company.sort_key, search.name),
            (Company.domain_key, search.address),
        ]
    elif "@" in search.address:
        ranges = [(Contact.email_key, search.address)]
    else:
        ranges = [
            (Contact.sort_key, search.name),
            (Contact.name_key, search.name),
            (Contact.email_key, search.address),
        ]
    return [(key, _begins(key, prefix)) for key, prefix in ranges if prefix]


def _begins(key: Any, prefix: str) -> ColumnElement[bool]:
    return and_(key >= prefix, key < prefix + _LAST_CHARACTER)


def _anywhere(
    session: Session, object_type: ObjectType, search: Search, among_ids: Sequence[int] | None
) -> Stretch:
    """The records that have the words anywhere, read in the way that touches fewer rows."""
    number: Any = TABLES[object_type].id
    kept = texts.TEXTS[object_type]
    if among_ids is not None:
        has_terms = trigrams.has_all_terms(session, kept.text, search)
        some = (among(session, number, among_ids), has_terms, kept.id == number)
        return Stretch(number, some, is_descending=True)
    if dialect_of(session) == "sqlite":
        # FTS5 gives them in the order of their numbers, one after the other.
        index = trigrams.fts_table(object_type)
        is_met = (*trigrams.by_fts(object_type, search), trigrams.has_all_terms(session, kept.text, search))
        return Stretch(index.c.rowid, (number == index.c.rowid, *is_met), is_descending=True)
    found = list(session.scalars(trigrams.found_ids(session, object_type, search).limit(FEW_FOUND + 1)))
    if len(found) <= FEW_FOUND:
        return Stretch(number, (among(session, number, found),), is_descending=True)
    has_terms = trigrams.has_all_terms(session, kept.text, search, is_walked=True)
    return Stretch(kept.id, (number == kept.id, has_terms), is_descending=True, is_long=len(found) > COUNTED)


def _apart(found: Sequence[Stretch]) -> list[Stretch]:
    """Each range without the rows of the ranges before it."""
    apart: list[Stretch] = []
    for place, stretch in enumerate(found):
        before = tuple(_is_not(*one.conditions) for one in found[:place])
        apart.append(stretch.narrowed(*before))
    return apart


def _is_not(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A blank key is in no range, of which a database would say that it does not know."""
    return not_(func.coalesce(and_(*conditions), false()))
