"""The records that a bulk change is about: some by number, or all that a filter shows."""

from typing import Any, TypeVar, cast

from msgspec import structs
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import SelectionOptions
from webapp.store.connection import connections
from webapp.store.database.lists import among
from webapp.store.records.listing import counting, lists
from webapp.store.records.listing.counting import Count
from webapp.store.records.listing.lists import Question, narrowed
from webapp.store.records.listing.standing import Standing
from webapp.store.records.records import TABLES

Options = TypeVar("Options", bound=SelectionOptions)


def newest_id(session: Session, object_type: ObjectType) -> int:
    """The number of the newest record of a type; 0 without any."""
    return session.scalar(select(func.max(TABLES[object_type].id))) or 0


def bounded(session: Session, options: Options) -> Options:
    """The options, bounded to the records that exist now."""
    if options.newest_id:
        return options
    return structs.replace(options, newest_id=newest_id(session, options.object_type))


def page(
    session: Session, options: SelectionOptions, *, after_id: int, limit: int, without: int | None = None
) -> list[int]:
    """The numbers of the next records, also of those that are not here any more.

    Args:
        session: Where to read.
        options: Which records.
        after_id: The last record of the page before.
        limit: How many at the most.
        without: A record that a filter does not mean.
    """
    if options.records is not None:
        return [one for one in sorted(set(options.records)) if one > after_id][:limit]
    table: Any = TABLES[options.object_type]
    listed = _listed(session, options, without, one_by_one=True)
    return list(session.scalars(listed.where(table.id > after_id).order_by(table.id).limit(limit)))


def chosen(session: Session, options: SelectionOptions, *, without: int | None = None) -> Select[Any]:
    """The numbers of all of them that are here, as a query."""
    if options.records is None:
        return _listed(session, options, without)
    table: Any = TABLES[options.object_type]
    return select(table.id).where(among(session, table.id, sorted(set(options.records))))


def count(session: Session, query: Select[Any], *, most: int | None = None) -> int:
    """How many rows a query has; with `most`, counted to one above that."""
    counted = query if most is None else query.limit(most + 1)
    return session.scalar(select(func.count()).select_from(counted.subquery())) or 0


def count_shown(session: Session, options: SelectionOptions) -> Count:
    """The number of them, as lists say it: over or about a number if counting takes long."""
    if options.records is None:
        question = _question(session, options)
        found = lists.read(session, options.object_type, question).found if question.search.strip() else None
        listed = counting.count_found(session, options.object_type, question, found)
        if listed is not None and listed.kind != "exact":
            return listed
    return Count(count(session, chosen(session, options)))


def _listed(
    session: Session, options: SelectionOptions, without: int | None, *, one_by_one: bool = False
) -> Select[Any]:
    table: Any = TABLES[options.object_type]
    is_meant = select(table.id).where(table.id <= options.newest_id, table.id != (without or 0))
    question = _question(session, options)
    return narrowed(session, options.object_type, question, is_meant, one_by_one=one_by_one)


def _question(session: Session, options: SelectionOptions) -> Question:
    """The list whose records are meant."""
    # As in the list: without a connection in use nothing counts as linked.
    connection = connections.current(session)
    return Question(
        search=options.listed.search,
        state=options.listed.state,
        standing=cast("Standing", options.listed.standing),
        connection_id=connection.id if connection is not None else None,
    )
