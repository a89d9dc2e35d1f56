"""Merges two objects in HubSpot, which cannot be taken back: announced, carried out, and logged.

An announcement is committed ahead of the call, with what both objects hold. A call whose end
nobody knows is not repeated blindly: an object that was merged away answers with the one it lives on as.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, convert, to_builtins
from sqlalchemy.orm import Session

from webapp.domain.push.associations import is_past_any_call
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.errors import OutdatedReadError, RefusedError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    Conflict,
    HubSpotError,
    NotFound,
    ObjectUnreadable,
    RequestRefused,
    ValidationFailed,
)
from webapp.services import Services
from webapp.store.duplicates import merge_log, merged, pairs
from webapp.store.links import generations
from webapp.store.mapping import mappings
from webapp.store.push import announced_writes
from webapp.store.records import records
from webapp.store.runs import runs
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.usecases.duplicates.decisions import merge_one
from webapp.usecases.records.merging import announce as announce_merge
from webapp.usecases.runs.publish import run_changed

_OF_THE_OBJECTS = (Conflict, NotFound, RequestRefused, ValidationFailed)


class Announced(Struct, frozen=True):
    """A merge in HubSpot that may have taken effect.

    Attributes:
        connection_id, run_id: the connection, and the run whose log has it.
        object_type: Companies or contacts.
        stays, goes: the records.
        primary, other: their objects.
        values_from: by field the record whose value stays here.
        before: the properties that both objects held, by object; none where somebody had merged them before.
        name: what the record that goes is called.
    """

    connection_id: int
    run_id: int
    object_type: ObjectType
    stays: int
    goes: int
    primary: str
    other: str
    values_from: dict[str, int]
    before: dict[str, dict[str, str | None]]
    name: str


def as_announced(stored: Mapping[str, Any]) -> Announced:
    """The announcement that a row keeps."""
    return convert(stored, Announced)


def read_both(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    object_type: ObjectType,
    ids: tuple[str, str],
) -> dict[str, dict[str, str | None]] | None:
    """The mapped properties of two objects; None if one of them no longer exists."""
    with services.database.reading() as session:
        mapping = mappings.load(session, connection_id, object_type)
    answer = client.batch_read(object_type, list(ids), mapping.properties)
    found = {one.id: one.properties for one in answer.results}
    for missing in answer.missing_ids:
        # That a batch is silent about an object proves nothing.
        with suppress(NotFound):
            alone = client.read(object_type, missing, mapping.properties)
            found[alone.id] = alone.properties
    names = [item.property for item in mapping.fields]
    if not set(ids) <= set(found):
        return None
    return {one: {name: found[one].get(name) for name in names} for one in ids}


def announce(session: Session, pair_id: int, announced: Announced, generation: int) -> None:
    """Keep it ahead of the call; what was read of the objects before is out of date from now on.

    Args:
        session: A writing transaction.
        pair_id: The pair on which it is kept.
        announced: The merge.
        generation: The generation of our writes before both objects were read.

    Raises:
        OutdatedReadError: One of the objects was written to since, or is being written.
    """
    of_type = (announced.connection_id, announced.object_type)
    records = [announced.stays, announced.goes]
    has_newer = generations.has_written_since(
        session,
        *of_type,
        record_ids=records,
        remote_ids=[announced.primary, announced.other],
        since=generation,
    )
    of_properties = announced_writes.in_flight(
        session, *of_type, records, but_of_run=announced.run_id, kinds=announced_writes.PROPERTIES
    )
    if has_newer or of_properties:
        raise OutdatedReadError
    generations.raise_for(session, *of_type, records)
    pairs.announce(session, pair_id, to_builtins(announced))


def carry_out(client: HubSpotClient, announced: Announced, *, is_first: bool) -> str | HubSpotError:
    """The object that both live on as, or why HubSpot refused these two.

    Args:
        client: Writes.
        announced: What is merged.
        is_first: Whether no call has gone out yet.

    Raises:
        TwinbookError: Anything that is not about these two objects.
    """
    try:
        survivor = None if is_first else _survivor(client, announced)
        if survivor is None:
            survivor = client.merge(announced.object_type, announced.primary, announced.other).id
    except HubSpotError as error:
        if not (isinstance(error, _OF_THE_OBJECTS) or error.may_be_of_content):
            raise
        return merged_by_somebody(client, announced) or error
    return survivor


def merged_by_somebody(client: HubSpotClient, announced: Announced) -> str | None:
    """The object that both are by now where HubSpot refuses because a person there was quicker."""
    try:
        return _survivor(client, announced)
    except _OF_THE_OBJECTS:
        return None


def _survivor(client: HubSpotClient, announced: Announced) -> str | None:
    """The object that both are by now; None where they are two, or one went into a third."""
    found = client.read(announced.object_type, announced.other, [])
    if found.id == announced.other:
        return None
    primary = client.read(announced.object_type, announced.primary, [])
    return found.id if found.id == primary.id else None


def finish(
    session: Session, pair_id: int, announced: Announced, survivor_id: str, *, user_id: int | None
) -> tuple[Entry, list[int]]:
    """Merge the records as well, if both are still here, let the link follow, and say what the log keeps.

    Returns:
        The entry, and the connections that are to hear of what the record that stays took over.

    Raises:
        RefusedError: One of the records was changed at the same moment.
    """
    now = datetime.now(UTC)
    kind, both = announced.object_type, (announced.stays, announced.goes)
    pairs.announce(session, pair_id, None)
    merged.follow(session, announced.connection_id, kind, both, survivor_id, now=now)
    detail: dict[str, Any] = {
        "there": {"primary": announced.primary, "other": announced.other, "survivor": survivor_id},
        "before": announced.before,
    }
    ended = (outcomes.UPDATED, "merged_both")
    if missing := [one for one in both if records.get(session, kind, one) is None]:
        pairs.forget_records(session, kind, missing)
        return Entry(announced.stays, survivor_id, announced.name, *ended, detail=detail), []
    done = merge_one(session, kind, *both, values_from=announced.values_from, user_id=user_id, now=now)
    changes = [list(change) for change in done.changes] or None
    detail |= {"merged": announced.goes, "merged_name": announced.name}
    name = done.name[:LONGEST_NAME]
    return Entry(announced.stays, survivor_id, name, *ended, changes=changes, detail=detail), done.to_send_to


def complete_left_over(
    services: Services, client: HubSpotClient, connection_id: int, *, gives_up: bool
) -> None:
    """Find out what became of merges whose run ended in between, and complete the log of that run.

    The next merge run and the next reconcile do, whichever comes first.

    Args:
        services: What it works with.
        client: Reads.
        connection_id: Of which portal.
        gives_up: Whether a merge is forgotten whose call may still be under way: by a merge run, which
            merges the two itself, and finds out then.
    """
    now = datetime.now(UTC)
    with services.database.reading() as session:
        left = [
            (row.id, as_announced(row.announced or {})) for row in merge_log.announced(session, connection_id)
        ]
        found = [(pair_id, one, runs.get(session, one.run_id)) for pair_id, one in left]
    for pair_id, announced, run in found:
        if run is None or run.finished_at is not None:
            ended_at = run.finished_at if run is not None else None
            is_past = ended_at is None or is_past_any_call(ended_at, now)
            _complete(services, client, pair_id, announced, gives_up=gives_up or is_past)


def _complete(
    services: Services, client: HubSpotClient, pair_id: int, announced: Announced, *, gives_up: bool
) -> None:
    try:
        survivor = _survivor(client, announced)
    except NotFound:
        survivor = None
    except ObjectUnreadable:
        # Nobody knows; it stays announced.
        return
    if survivor is None and not gives_up:
        return
    try:
        to_send_to = _concluded(services, pair_id, announced, survivor)
    except RefusedError:
        # One of the records is written to at this moment: it stays announced as well.
        return
    announce_merge(services, to_send_to)
    run_changed(services, announced.run_id)


def _concluded(services: Services, pair_id: int, announced: Announced, survivor: str | None) -> list[int]:
    """Complete the log, unless somebody else has meanwhile; the connections that are to hear of it."""
    with services.database.writing() as session:
        if not pairs.take_announced(session, pair_id) or survivor is None:
            return []
        run = runs.get(session, announced.run_id)
        user_id = run.started_by_id if run else None
        entry, to_send_to = finish(session, pair_id, announced, survivor, user_id=user_id)
        if run is not None:
            merge_log.append(session, run, announced.object_type, entry, datetime.now(UTC))
    return to_send_to
