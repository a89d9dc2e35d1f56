"""Interrupted writes: completes the logs of runs that were cut off between a write to HubSpot and its entry.

Whoever has read objects says here what they hold: a pull, a push or an undo, before it goes on with them.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from itertools import groupby

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.interrupted_writes import Completion, SeenObject, completions
from webapp.services import Services
from webapp.store.push import announced_writes
from webapp.usecases.runs.publish import run_changed


def are_there_any(services: Services, connection_id: int) -> bool:
    """Whether any write is announced and in no log yet; most often none is, and nothing is looked up then."""
    with services.database.reading() as session:
        return announced_writes.is_anything_announced(session, connection_id)


def complete_seen(
    services: Services,
    connection_id: int,
    mapping: Mapping,
    objects: Sequence[SeenObject],
    *,
    read: Collection[str],
    by_run: int,
) -> set[int]:
    """Complete the logs that lack what these objects show.

    Args:
        services: What it works with.
        connection_id: Of which portal.
        mapping: The mapping in force.
        objects: The objects, as they were just read.
        read: The names of the properties that were read.
        by_run: The run that has read them. What it announced itself it knows how to take up again.

    Returns:
        The records of which nothing is announced any more.
    """
    if not objects:
        return set()
    with services.database.reading() as session:
        announced = announced_writes.about_objects(
            session, connection_id, mapping.object_type, objects, but_of_run=by_run
        )
    if not announced:
        return set()
    return write(services, mapping, completions(announced, objects, mapping, read))


def write(services: Services, mapping: Mapping, found: Sequence[Completion]) -> set[int]:
    """Complete the logs by what was found; the records concerned."""
    in_order = sorted(found, key=lambda one: (one.announced.run_id, one.announced.record_id))
    for run_id, some in groupby(in_order, key=lambda one: one.announced.run_id):
        # One run at a time: two transactions that each lock two of them could wait for each other.
        with services.database.writing() as session:
            announced_writes.complete(session, run_id, mapping.object_type, list(some), datetime.now(UTC))
        run_changed(services, run_id)
    return {one.announced.record_id for one in found}
