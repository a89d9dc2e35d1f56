"""The list of possible duplicates: pages by key, the strongest first, counts and filters."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.duplicates.groups import Group, groups_of
from webapp.domain.duplicates.pairs import State
from webapp.domain.records.fields import ObjectType
from webapp.models import Link, PossibleDuplicate
from webapp.store.database.lists import among
from webapp.store.database.pages import Number, Page, cursor, place_of
from webapp.store.duplicates import pairs
from webapp.store.records.listing import lists as record_lists

__all__ = ["PossibleDuplicate"]

Linked = Literal["any", "both", "one", "none"]
LINKED: tuple[Linked, ...] = ("any", "both", "one", "none")

PAGE_SIZE = 20
# So many records that begin like a search are looked for among the pairs.
_MOST_FOUND = 2_000
# A group is complete after so many looks at its neighbours, or as large as one may be.
_MOST_LOOKS = 4


class Question(Struct, frozen=True):
    """Which pairs. `sign` is their leading sign; `search` what a name, address or domain begins with."""

    object_type: ObjectType
    state: State = "open"
    sign: str = ""
    strength: str = ""
    linked: Linked = "any"
    search: str = ""
    connection_id: int | None = None


class Count(Struct, frozen=True):
    """How many pairs of a type are in a state, with this strength and leading sign."""

    object_type: str
    state: str
    strength: str
    sign: str
    count: int


def counts(session: Session) -> list[Count]:
    """The counts, the largest first."""
    columns = (
        *(PossibleDuplicate.object_type, PossibleDuplicate.state),
        *(PossibleDuplicate.strength, PossibleDuplicate.sign),
    )
    found = session.execute(select(*columns, func.count()).group_by(*columns))
    return sorted((Count(*row) for row in found), key=lambda one: (-one.count, one.sign))


def page(
    session: Session, question: Question, *, after: str = "", limit: int = PAGE_SIZE
) -> Page[PossibleDuplicate]:
    """A page of pairs, the strongest first."""
    order = (PossibleDuplicate.points.desc(), PossibleDuplicate.id.desc())
    query = select(PossibleDuplicate).where(*_conditions(session, question)).order_by(*order)
    place = place_of(after, tuple[int, Number])
    if place is not None:
        here = tuple_(PossibleDuplicate.points, PossibleDuplicate.id)
        query = query.where(here < tuple_(*place))
    rows = list(session.scalars(query.limit(limit + 1)))
    following = cursor(rows[limit - 1].points, rows[limit - 1].id) if len(rows) > limit else ""
    return Page(rows[:limit], next=following, is_first=place is None)


def ids_after(session: Session, question: Question, after_id: int, limit: int) -> list[int]:
    """The numbers of pairs behind one, in order, for a run that goes through all of them."""
    query = select(PossibleDuplicate.id).where(
        *_conditions(session, question), PossibleDuplicate.id > after_id
    )
    return list(session.scalars(query.order_by(PossibleDuplicate.id).limit(limit)))


def newest(session: Session) -> int:
    """The number of the pair that was found last; 0 before the first."""
    return session.scalar(select(func.max(PossibleDuplicate.id))) or 0


def count(session: Session, question: Question) -> int:
    """How many pairs a question finds."""
    query = select(func.count()).select_from(PossibleDuplicate)
    return session.scalar(query.where(*_conditions(session, question))) or 0


def groups(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> list[Group]:
    """The groups of open pairs that these records are in."""
    known: dict[int, PossibleDuplicate] = {}
    border, members = set(record_ids), set(record_ids)
    for _ in range(_MOST_LOOKS):
        rows = pairs.of_records(session, object_type, sorted(border), "open")
        known.update((row.id, row) for row in rows)
        reached = {number for row in rows for number in (row.lower_id, row.higher_id)}
        border = reached - members
        members |= reached
        if not border:
            break
    apart = pairs.apart(session, object_type, sorted(members))
    these = set(record_ids)
    found = groups_of([pairs.as_pair(row) for row in known.values()], apart)
    return [group for group in found if not these.isdisjoint(group.record_ids)]


def _conditions(session: Session, question: Question) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        PossibleDuplicate.state == question.state,
        PossibleDuplicate.object_type == question.object_type,
    ]
    if question.sign:
        found.append(PossibleDuplicate.sign == question.sign)
    if question.strength:
        found.append(PossibleDuplicate.strength == question.strength)
    if question.linked != "any":
        found.append(_is_linked(question))
    if question.search.strip():
        found.append(_is_named(session, question))
    return found


def _is_linked(question: Question) -> ColumnElement[bool]:
    one, other = (
        _has_link(question, end) for end in (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id)
    )
    if question.linked == "both":
        return and_(one, other)
    return and_(~one, ~other) if question.linked == "none" else or_(and_(one, ~other), and_(~one, other))


def _has_link(question: Question, end: Any) -> ColumnElement[bool]:
    return (
        select(Link.id)
        .where(
            Link.connection_id == (question.connection_id or 0),
            Link.object_type == question.object_type,
            Link.record_id == end,
        )
        .exists()
    )


def _is_named(session: Session, question: Question) -> ColumnElement[bool]:
    numbers = record_lists.ids_beginning(session, question.object_type, question.search, _MOST_FOUND)
    return or_(
        among(session, PossibleDuplicate.lower_id, numbers),
        among(session, PossibleDuplicate.higher_id, numbers),
    )
