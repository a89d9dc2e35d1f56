"""Completes the log of runs that were cut off between an association and its log entry.

HubSpot says whether an announced association took effect. Whoever looks writes it to the log of the run that
announced it: the run's own next slice, another push, a pull of the contact, a reconcile, or an undo.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from webapp.domain.push.associations import Announced, Companies, End, end_of
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Association
from webapp.services import Services
from webapp.store.push import announced_associations
from webapp.store.push.announced_associations import LIMIT
from webapp.usecases.runs.publish import run_changed


def complete_left_over(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    *,
    run_id: int | None = None,
    by_run_id: int | None = None,
) -> set[int]:
    """Read what became of announced associations, and complete the logs that lack them.

    Args:
        services: What it works with.
        client: The client of the portal.
        connection_id: Of which portal.
        run_id: Only what this run announced.
        by_run_id: The run that calls.

    Returns:
        The contacts that were added to the log of the run that calls.
    """
    announced = still_announced(services, connection_id, run_id)
    if not announced:
        return set()
    primaries = primaries_of(client, announced)
    completed = _conclude(services, announced, primaries, ends=("complete", "forget"))
    return {one.contact_id for one in completed if one.run_id == by_run_id}


def still_announced(services: Services, connection_id: int, run_id: int | None) -> list[Announced]:
    """What was announced, is in no log yet, and is about an object that is known."""
    with services.database.reading() as session:
        return announced_associations.unlogged(session, connection_id, run_id=run_id)


def primaries_of(client: HubSpotClient, announced: Sequence[Announced]) -> dict[str, str | None]:
    """By contact, its primary company in HubSpot now; those that cannot be read are left out."""
    ids = [str(one.contact_remote_id) for one in announced]
    return {number: companies_in(some).primary for number, some in client.associations_of(ids).items()}


def companies_in(associations: Iterable[Association]) -> Companies:
    """HubSpot's answer as the domain takes it."""
    some = list(associations)
    return Companies(
        next((one.to_id for one in some if one.is_primary), None), tuple(one.to_id for one in some)
    )


def complete_seen(
    services: Services, connection_id: int, primaries: Mapping[str, str | None]
) -> list[Announced]:
    """Complete the logs that lack what a read of these contacts shows; what it does not show may follow.

    Returns:
        What was completed.
    """
    completed: list[Announced] = []
    for remote_ids in in_batches(list(primaries), LIMIT):
        with services.database.reading() as session:
            found = announced_associations.unlogged(session, connection_id, remote_ids=remote_ids)
        if found:
            completed += _conclude(services, found, primaries, ends=("complete",))
    return completed


def _conclude(
    services: Services,
    announced: Sequence[Announced],
    primaries: Mapping[str, str | None],
    *,
    ends: Sequence[End],
) -> list[Announced]:
    now = datetime.now(UTC)
    ended: dict[End, list[Announced]] = {"complete": [], "forget": []}
    for one in announced:
        if str(one.contact_remote_id) not in primaries:
            # Nobody knows; it stays announced.
            continue
        end = end_of(one, primaries[str(one.contact_remote_id)], now)
        if end in ends:
            ended[end].append(one)
    if ended["forget"]:
        with services.database.writing() as session:
            announced_associations.forget(session, [one.id for one in ended["forget"]])
    by_run = sorted(ended["complete"], key=lambda one: (one.run_id, one.contact_id))
    for run_id, some in groupby(by_run, key=lambda one: one.run_id):
        # One run at a time: two transactions that each lock two of them could wait for each other.
        with services.database.writing() as session:
            announced_associations.complete(session, run_id, list(some), now)
        run_changed(services, run_id)
    return by_run
