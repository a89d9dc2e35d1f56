"""A scan of the whole book for possible duplicates: a run that reads, and lists what looks alike.

First the keys of all records are written down, then they are gone through in order: records that share one
are compared. What was gone through is dropped with the checkpoint, so that a scan that is taken up again
begins where it stopped.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.duplicates.keys import MOST_OF_KEY
from webapp.domain.duplicates.pairs import Pair, compare
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.duplicates import candidates, pairs, scan_keys
from webapp.store.duplicates.scan_keys import Stretch
from webapp.store.runs import queries, runs
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.store.runs.log import Run
from webapp.usecases.connection.required import require_working
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started, enqueue_next_slice, requested
from webapp.usecases.runs.publish import records_changed

FIND_DUPLICATES = "find_duplicates"
RECORDS_AT_ONCE = 5_000
"""Of how many records keys are written in one transaction."""
KEYS_AT_ONCE = 500
"""How many keys are gone through in one transaction."""


class Position(Struct, kw_only=True):
    """The position of a scan.

    Attributes:
        phase: Whether keys are written or gone through.
        object_type: Of which records.
        after_id: The record whose keys were written last.
        written, compared: How many keys there are of the type, and how many were gone through.
        is_end: Whether nothing is left.
    """

    phase: Literal["keys", "compare"] = "keys"
    object_type: ObjectType = OBJECT_TYPES[0]
    after_id: int = 0
    written: int = 0
    compared: int = 0
    is_end: bool = False


def start(services: Services, *, trigger: str, user_id: int | None) -> Started:
    """Scan the book; asking again leads to the scan that is under way.

    Raises:
        RefusedError: `not_connected`, since every run belongs to a connection.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        connection = require_working(session)
        connections.take_turn(session, connection.id)
        if under_way := queries.open_run(session, connection.id, FIND_DUPLICATES):
            return Started(under_way.id, is_new=False)
        new = requested(
            services,
            FIND_DUPLICATES,
            connection_id=connection.id,
            trigger=trigger,
            started_by_id=user_id,
        )
        run_id = runs.add_begun(session, new, now)
    enqueue_next_slice(services, run_id, 0)
    return Started(run_id, is_new=True)


def work(lease: Lease, _client: HubSpotClient) -> bool:
    """Scan until the slice's time is up. True when all records were compared."""
    by_count = frequencies_of(lease)
    position = lease.go_through(lease.position(Position), lambda here: _go_on(lease, here, by_count))
    if position.is_end:
        records_changed(lease.services)
    return position.is_end


def _go_on(lease: Lease, position: Position, by_count: Frequencies) -> Position:
    """Write the keys of some records, or compare some, in one transaction with the checkpoint."""
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        step = _write_keys if position.phase == "keys" else _compare_some
        position, values = step(session, run, position, now, by_count)
        write_checkpoint(session, run, lease.checkpoint_at(position), now, **values)
    return position


def _write_keys(
    session: Session, run: Run, position: Position, _now: datetime, _by_count: Frequencies
) -> tuple[Position, dict[str, Any]]:
    kind = position.object_type
    values: dict[str, Any] = {}
    if not position.after_id:
        values["totals"] = {**run.totals, kind: scan_keys.count_records(session, kind)}
    last_id, written = scan_keys.write_stretch(session, run.id, kind, position.after_id, RECORDS_AT_ONCE)
    written += position.written
    if last_id is None:
        return Position(phase="compare", object_type=kind, written=written), values
    return Position(object_type=kind, after_id=last_id, written=written), values


def _compare_some(
    session: Session, run: Run, position: Position, now: datetime, by_count: Frequencies
) -> tuple[Position, dict[str, Any]]:
    kind = position.object_type
    stretch = scan_keys.next_stretch(session, run.id, kind, KEYS_AT_ONCE)
    if stretch is None:
        return _behind(position), {"counts": _counts(run, kind, 1.0, 0)}
    found = pairs.unknown(session, kind, _pairs(session, kind, stretch, by_count))
    pairs.add_pairs(session, kind, found, found_by="scan")
    last_seq = write_entries(session, run, now, kind, _entries(session, kind, found))
    compared = position.compared + scan_keys.drop(session, run.id, kind, stretch.up_to)
    share = compared / max(position.written, 1)
    moved = Position(phase="compare", object_type=kind, written=position.written, compared=compared)
    return moved, {"counts": _counts(run, kind, share, len(found)), "last_seq": last_seq}


def _behind(position: Position) -> Position:
    """The beginning of the next object type, or the end."""
    place = OBJECT_TYPES.index(position.object_type) + 1
    if place == len(OBJECT_TYPES):
        return Position(object_type=position.object_type, is_end=True)
    return Position(object_type=OBJECT_TYPES[place])


def _pairs(session: Session, object_type: ObjectType, stretch: Stretch, by_count: Frequencies) -> list[Pair]:
    """The pairs of records that share a key, each pair once."""
    together = {
        (one, other)
        for block in stretch.blocks
        for place, one in enumerate(block[:MOST_OF_KEY])
        for other in block[place + 1 : MOST_OF_KEY]
    }
    ids = {number for pair in together for number in pair}
    known = candidates.values_of(session, object_type, ids)
    emails = candidates.further_emails(session, object_type, ids)
    found = []
    for one, other in sorted(together):
        if one in known and other in known:
            sides = (one, known[one]), (other, known[other])
            found.append(
                compare(
                    object_type,
                    *sides,
                    emails=(emails.get(one, ()), emails.get(other, ())),
                    frequencies=by_count,
                )
            )
    return [pair for pair in found if pair is not None]


def _entries(session: Session, object_type: ObjectType, found: Sequence[Pair]) -> list[Entry]:
    values = candidates.values_of(session, object_type, {number for pair in found for number in pair.ids})
    names = {number: record_name(object_type, one)[:LONGEST_NAME] for number, one in values.items()}
    return [
        Entry(
            *(pair.lower_id, None, names[pair.lower_id], outcomes.HELD, "possible_duplicate"),
            detail={
                "record_id": pair.higher_id,
                "resembles": names[pair.higher_id],
                "evidence": list(pair.evidence),
            },
        )
        for pair in found
    ]


def _counts(run: Run, object_type: ObjectType, share: float, new: int) -> dict[str, Any]:
    """Pairs that were found count as held, and the records compared so far otherwise as unchanged."""
    held = run.counts.get(object_type, {}).get(outcomes.HELD, 0) + new
    done = int((run.totals.get(object_type) or 0) * min(1.0, share))
    own = {outcomes.HELD: held, outcomes.UNCHANGED: max(0, done - held)}
    return {**run.counts, object_type: own}
