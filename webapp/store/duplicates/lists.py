"""The list of possible duplicates: pages by key, the strongest first, counts and filters."""

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.duplicates.groups import Group, groups_of
from webapp.domain.duplicates.pairs import State
from webapp.domain.records.fields import ObjectType
from webapp.models import Link, PossibleDuplicate
from webapp.store.database.lists import among_many, has_no_row, has_row
from webapp.store.database.pages import Number, Page, cursor, place_of
from webapp.store.duplicates import pairs
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing.groups import MOST_COUNTED, counted_groups

__all__ = ["PossibleDuplicate"]

Linked = Literal["any", "both", "one", "none"]
LINKED: tuple[Linked, ...] = ("any", "both", "one", "none")

PAGE_SIZE = 20
# How many pairs are searched at once for those that are linked so.
_LOOK_THROUGH = 5_000
# How many records that begin like a search are looked for among the pairs.
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
    """How many pairs of a type, state, strength and leading sign there are, at most `MOST_COUNTED`."""

    object_type: str
    state: str
    strength: str
    sign: str
    count: int


def counts(session: Session) -> list[Count]:
    """The counts, the largest first."""
    found = counted_groups(session, PossibleDuplicate, ("strength", "sign", "object_type", "state"))
    counted = [
        Count(object_type, state, strength, sign, count)
        for strength, sign, object_type, state, count in found
    ]
    return sorted(counted, key=lambda one: (-one.count, one.sign))


def page(
    session: Session, question: Question, *, after: str = "", limit: int = PAGE_SIZE
) -> Page[PossibleDuplicate]:
    """A page of pairs, the strongest first."""
    order = (PossibleDuplicate.points.desc(), PossibleDuplicate.id.desc())
    query = select(PossibleDuplicate).where(*_conditions(session, question)).order_by(*order)
    here = tuple_(PossibleDuplicate.points, PossibleDuplicate.id)
    place = place_of(after, tuple[int, Number])
    if place is not None:
        query = query.where(here < tuple_(*place))
    last = _looked_through(session, query) if question.linked != "any" else None
    if last is not None:
        query = query.where(here >= tuple_(*last))
    if question.linked != "any":
        query = query.where(_is_linked(question))
    rows = list(session.scalars(query.limit(limit + 1)))
    if len(rows) > limit:
        return Page(rows[:limit], cursor(rows[limit - 1].points, rows[limit - 1].id), is_first=place is None)
    return Page(rows, cursor(*last) if last else "", is_first=place is None, is_cut=last is not None)


def _looked_through(session: Session, query: Select[Any]) -> tuple[int, int] | None:
    """The last pair that is looked at for one page; None where the list ends before."""
    places = query.with_only_columns(PossibleDuplicate.points, PossibleDuplicate.id)
    found = session.execute(places.offset(_LOOK_THROUGH - 1).limit(1)).first()
    return (found[0], found[1]) if found else None


def ids_after(session: Session, question: Question, after_id: int, limit: int) -> list[int]:
    """The numbers of pairs behind one, in order, for a run that goes through all of them."""
    query = select(PossibleDuplicate.id).where(*_all_of(session, question), PossibleDuplicate.id > after_id)
    return list(session.scalars(query.order_by(PossibleDuplicate.id).limit(limit)))


def newest(session: Session) -> int:
    """The number of the pair that was found last; 0 before the first."""
    return session.scalar(select(func.max(PossibleDuplicate.id))) or 0


def count(session: Session, question: Question) -> int:
    """How many pairs a question finds."""
    query = select(func.count()).select_from(PossibleDuplicate)
    return session.scalar(query.where(*_all_of(session, question))) or 0


def count_some(session: Session, question: Question) -> int | None:
    """The same, counted up to `MOST_COUNTED`; None where very many would be asked how they are linked."""
    is_by_links = question.linked != "any"
    some = select(PossibleDuplicate.id).where(*_conditions(session, question))
    some = some.limit(_LOOK_THROUGH if is_by_links else MOST_COUNTED)
    found = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    if not is_by_links:
        return found
    return None if found == _LOOK_THROUGH else count(session, question)


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


def _all_of(session: Session, question: Question) -> list[ColumnElement[bool]]:
    found = _conditions(session, question)
    return [*found, _is_linked(question)] if question.linked != "any" else found


def _conditions(session: Session, question: Question) -> list[ColumnElement[bool]]:
    """The conditions that pairs have in common, but for how they are linked."""
    found: list[ColumnElement[bool]] = [
        PossibleDuplicate.state == question.state,
        PossibleDuplicate.object_type == question.object_type,
    ]
    # Compared so that the list is read in its order, and not by the index of the counts.
    if question.sign:
        found.append(func.coalesce(PossibleDuplicate.sign, "") == question.sign)
    if question.strength:
        found.append(func.coalesce(PossibleDuplicate.strength, "") == question.strength)
    if question.search.strip():
        found.append(_is_named(session, question))
    return found


def _is_linked(question: Question) -> ColumnElement[bool]:
    links = [_link_of(question, end) for end in (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id)]
    (one, other), (not_one, not_other) = map(has_row, links), map(has_no_row, links)
    if question.linked == "both":
        return and_(one, other)
    return (
        and_(not_one, not_other)
        if question.linked == "none"
        else or_(and_(one, not_other), and_(not_one, other))
    )


def _link_of(question: Question, end: Any) -> Select[Any]:
    return select(Link.record_id).where(
        Link.connection_id == (question.connection_id or 0),
        Link.object_type == question.object_type,
        Link.record_id == end,
    )


def _is_named(session: Session, question: Question) -> ColumnElement[bool]:
    numbers = record_lists.ids_beginning(session, question.object_type, question.search, _MOST_FOUND)
    return or_(
        among_many(session, PossibleDuplicate.lower_id, numbers),
        among_many(session, PossibleDuplicate.higher_id, numbers),
    )
