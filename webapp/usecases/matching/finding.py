"""Which records look like others: stored ones, which are then listed, and values of no record yet."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.duplicates.keys import MOST_OF_KEY, keys_of
from webapp.domain.duplicates.pairs import FoundBy, Pair, compare
from webapp.domain.matching.frequencies import DEFAULT
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.services import Services
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.store.duplicates import candidates, pairs
from webapp.store.matching import frequencies

AT_ONCE = 200
"""How many records one transaction compares: few, so that other writers wait only for a moment."""
# A warning with more of them would not be read.
_MOST_SHOWN = 5
_NOT_STORED = 0

_log = structlog.get_logger()


class Resembling(Struct, frozen=True):
    """A record here that looks like a given one; `pair_id` is the number of the pair, if it is listed."""

    record_id: int
    name: str
    evidence: tuple[str, ...]
    points: int
    is_certain: bool
    pair_id: int | None = None


def after_edit(services: Services, object_type: ObjectType, record_id: int) -> list[Resembling]:
    """List the records that look like one which a person has just made or changed; answers the open ones.

    Those that it looked like before the change, and does not any more, are listed no longer.

    The record is stored, so trouble with the database leaves the finding to the next scan.
    """
    try:
        with services.database.writing() as session:
            find_for(session, object_type, [record_id], found_by="edit")
            _weigh_again(session, object_type, record_id)
            rows = pairs.of_records(session, object_type, [record_id], "open")
            by_other = {_other(pairs.as_pair(row), record_id): row for row in rows}
            values = candidates.values_of(session, object_type, by_other)
    except TROUBLE_ERRORS as trouble:
        _log.warning("duplicates_not_looked_for", error=trouble_of(trouble))
        return []
    found = [
        replace(_resembling(object_type, number, values[number], pairs.as_pair(row)), pair_id=row.id)
        for number, row in by_other.items()
        if number in values
    ]
    return sorted(found, key=lambda one: -one.points)[:_MOST_SHOWN]


def list_alike(
    services: Services, object_type: ObjectType, record_ids: Sequence[int], *, found_by: FoundBy
) -> int:
    """List what looks like records that a file or a sync has made or changed; returns how many of them do.

    The records are stored already, so trouble with the database leaves this to the next scan.
    """
    count = 0
    for start in range(0, len(record_ids), AT_ONCE):
        some = record_ids[start : start + AT_ONCE]
        try:
            with services.database.writing() as session:
                find_for(session, object_type, some, found_by=found_by)
                open_pairs = pairs.of_records(session, object_type, some, "open")
                count += len({one for row in open_pairs for one in pairs.as_pair(row).ids} & set(some))
        except TROUBLE_ERRORS as trouble:
            _log.warning("duplicates_not_looked_for", error=trouble_of(trouble))
            break
    return count


def find_for(
    session: Session, object_type: ObjectType, record_ids: Sequence[int], *, found_by: FoundBy
) -> list[Pair]:
    """Keep the pairs that these records make with any others, in the caller's transaction; answers them."""
    many = candidates.values_of(session, object_type, record_ids)
    found = [pair for some in _pairs(session, object_type, list(many.items())) for pair in some]
    pairs.add_pairs(session, object_type, found, found_by=found_by)
    return found


def _weigh_again(session: Session, object_type: ObjectType, record_id: int) -> None:
    """Weigh the open pairs of a record by what it is now.

    Two companies that share a domain stay a pair where one is linked: HubSpot may know of further domains.
    """
    listed = [pairs.as_pair(row) for row in pairs.of_records(session, object_type, [record_id], "open")]
    both = {number for pair in listed for number in pair.ids}
    known = candidates.values_of(session, object_type, both)
    emails = candidates.further_emails(session, object_type, both)
    by_count = frequencies.latest(session) if known else DEFAULT
    weighed = {
        pair.ids: compare(
            object_type,
            *((number, known.get(number, {})) for number in pair.ids),
            emails=(emails.get(pair.lower_id, ()), emails.get(pair.higher_id, ())),
            frequencies=by_count,
        )
        for pair in listed
    }
    linked = candidates.linked_among(session, object_type, both)
    unsure = {
        pair.ids for pair in listed if "same_domain" in pair.evidence and not linked.isdisjoint(pair.ids)
    }
    pairs.weigh_again(
        session, object_type, {ids: pair for ids, pair in weighed.items() if pair or ids not in unsure}
    )


def resembling(
    services: Services, object_type: ObjectType, many: Sequence[Mapping[str, Any]]
) -> list[list[Resembling]]:
    """The records that look like each of these unsaved values; nothing is written.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        many: Field values by our names, as of the rows of a file; a contact's perhaps with `company`.

    Returns:
        In the same order, the likeliest first.
    """
    with services.database.reading() as session:
        found = _pairs(session, object_type, [(_NOT_STORED, values) for values in many])
        numbers = {_other(pair, _NOT_STORED) for some in found for pair in some}
        values = candidates.values_of(session, object_type, numbers)
    return [
        [
            _resembling(object_type, number, values[number], pair)
            for pair in sorted(some, key=lambda one: -one.points)
            if (number := _other(pair, _NOT_STORED)) in values
        ][:_MOST_SHOWN]
        for some in found
    ]


def _pairs(
    session: Session, object_type: ObjectType, many: Sequence[tuple[int, Mapping[str, Any]]]
) -> list[list[Pair]]:
    """By number, the pairs that its values make with stored records."""
    ids = candidates.ids_alike(session, object_type, [values for _, values in many])
    known = candidates.values_of(session, object_type, ids)
    emails = candidates.further_emails(session, object_type, [*known, *(number for number, _ in many)])
    by_count = frequencies.latest(session) if known else DEFAULT
    sharing: dict[str, list[int]] = {}
    for number, values in known.items():
        for key in keys_of(object_type, values, emails.get(number, ())):
            sharing.setdefault(key, []).append(number)
    return [
        [
            pair
            for other in _others(keys_of(object_type, values, emails.get(number, ())), sharing, number)
            if (
                pair := compare(
                    object_type,
                    (number, values),
                    (other, known[other]),
                    emails=(emails.get(number, ()), emails.get(other, ())),
                    frequencies=by_count,
                )
            )
        ]
        for number, values in many
    ]


def _others(keys: set[str], sharing: Mapping[str, Sequence[int]], number: int) -> list[int]:
    found = {other for key in keys for other in sharing.get(key, ())[:MOST_OF_KEY]}
    return sorted(found - {number})


def _other(pair: Pair, record_id: int) -> int:
    return pair.higher_id if pair.lower_id == record_id else pair.lower_id


def _resembling(object_type: ObjectType, record_id: int, values: Mapping[str, Any], pair: Pair) -> Resembling:
    name = record_name(object_type, values)
    return Resembling(record_id, name, pair.evidence, pair.points, pair.strength == "certain")
