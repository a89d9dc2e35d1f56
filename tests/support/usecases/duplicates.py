"""Possible duplicates for tests, each call within an application context."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from tests.support.applications.services import reading, writing
from webapp.domain.duplicates.pairs import FoundBy, pair_of
from webapp.domain.records.fields import ObjectType
from webapp.models import PossibleDuplicate
from webapp.store.duplicates import pairs


def list_pair(
    object_type: ObjectType,
    one: int,
    other: int,
    *,
    points: int = 20,
    evidence: Sequence[str] = ("same_name", "same_city"),
    found_by: FoundBy = "pull",
) -> int:
    """List two records as a possible duplicate; answers the pair's number."""
    pair = pair_of(one, other, evidence, points)
    with writing() as session:
        pairs.add_pairs(session, object_type, [pair], found_by=found_by)
    return next(row.id for row in pairs_listed() if (row.lower_id, row.higher_id) == pair.ids)


def pairs_listed(state: str | None = None) -> list[PossibleDuplicate]:
    """All pairs, or those in a state, in order of their numbers."""
    query = select(PossibleDuplicate).order_by(PossibleDuplicate.id)
    with reading() as session:
        rows = list(session.scalars(query))
    return [row for row in rows if state in (None, row.state)]


def ids_listed(state: str | None = None) -> list[tuple[int, int]]:
    """The two numbers of each of them."""
    return [(row.lower_id, row.higher_id) for row in pairs_listed(state)]
