"""Possible duplicates for tests, each call within an application context."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sqlalchemy import select

from tests.support.applications.services import reading, writing
from webapp.domain.duplicates.keys import keys_of
from webapp.domain.duplicates.pairs import FoundBy, compare, pair_of
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import PossibleDuplicate
from webapp.store.duplicates import candidates, pairs
from webapp.store.records.records import TABLES


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


def expected_pairs() -> list[tuple[ObjectType, int, int]]:
    """All pairs of the book that share a key and look alike, each found by comparing it alone."""
    found: list[tuple[ObjectType, int, int]] = []
    with reading() as session:
        for kind in OBJECT_TYPES:
            known = candidates.values_of(session, kind, session.scalars(select(TABLES[kind].id)).all())
            emails = candidates.further_emails(session, kind, known)
            keys = {number: keys_of(kind, values, emails.get(number, ())) for number, values in known.items()}
            for one, other in combinations(sorted(known), 2):
                sides = (one, known[one]), (other, known[other])
                both = emails.get(one, ()), emails.get(other, ())
                if keys[one] & keys[other] and compare(kind, *sides, emails=both):
                    found.append((kind, one, other))
    return found
