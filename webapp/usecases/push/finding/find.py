"""Finds at HubSpot the objects that a page of records may be, as they are right now."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from webapp.domain.push.decide import Candidates
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.refusals.refusal import Refusal
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.finding.company_search import known_companies, searches
from webapp.usecases.push.finding.further_domains import FurtherDomains
from webapp.usecases.push.finding.in_turn import read_in_turn
from webapp.usecases.push.finding.lookups import (
    Lookup,
    by_addresses,
    reading_by_email,
    reading_by_own_key,
    reading_chosen,
    reading_linked,
)
from webapp.usecases.push.sending.client_pool import ClientPool, Job, PendingJobs

_MOST_WITH_HISTORY = 50


class Finding(Struct, frozen=True):
    """The objects found for the records of a page.

    Attributes:
        candidates: by record, the objects found for it.
        refused: by record, why HubSpot could not be asked about it, or what it answered could not be read.
        unread_from: the first record whose object there was no time to read; None where all were read.
    """

    candidates: Candidates
    refused: dict[int, Refusal]
    unread_from: int | None


class Begun(NamedTuple):
    """Look-ups that were begun, and how many searches are among them."""

    lookups: PendingJobs[Lookup]
    searches: int


def ask(pool: ClientPool, policy: PushPolicy, locals_: Sequence[Local], further: FurtherDomains) -> Begun:
    """Begin to read the objects of linked records by id, and to search for those of the others."""
    searching = list(_searches(policy, locals_, further))
    return Begun(pool.ask([*_reads(policy, locals_), *searching]), len(searching))


def find(
    pool: ClientPool,
    policy: PushPolicy,
    locals_: Sequence[Local],
    lookups: PendingJobs[Lookup],
    is_over: Callable[[], bool],
) -> Finding:
    """Take what HubSpot has for the records of a page.

    What batches have not proved is read object by object, in the order of the records, as far as the slice
    and the call limit reach: the page ends there, so that nothing that was proved is lost.

    Args:
        pool: The calls in flight.
        policy: Under what terms is pushed.
        locals_: The records that are not left out, by number.
        lookups: What `ask` has begun for them.
        is_over: Whether the slice should come to its end.

    Raises:
        TwinbookError: Trouble before anything more was proved.
    """
    candidates: dict[int, list[FoundObject]] = {local.id: [] for local in locals_}
    refused: dict[int, Refusal] = {}
    unproven: list[tuple[int, str]] = []

    def take(lookup: Lookup) -> None:
        refused.update(lookup.refused)
        unproven.extend(lookup.unproven)
        for record_id, found in lookup.pairs:
            candidates[record_id].append(found)

    for lookup in lookups.taken():
        take(lookup)
    first_id = min((local.id for local in locals_), default=0)
    alone = read_in_turn(pool, policy, sorted(unproven), is_over, must_read=first_id)
    take(Lookup(alone.pairs, alone.refused))
    return Finding(candidates, refused, alone.unread_from)


def _reads(policy: PushPolicy, locals_: Sequence[Local]) -> Iterator[Job[Lookup]]:
    unlinked = [local for local in locals_ if not local.is_linked]
    strangers = [local for local in unlinked if not local.chosen_id]
    yield from (
        reading_linked(policy, some) for some in in_batches([one for one in locals_ if one.is_linked])
    )
    yield from (reading_chosen(policy, local) for local in unlinked if local.chosen_id)
    if policy.object_type == "contacts":
        with_address = [local for local in strangers if local.addresses]
        yield from (reading_by_email(policy, some) for some in by_addresses(with_address))
    else:
        yield from known_companies(policy, strangers)
    if policy.has_key:
        is_contact = policy.object_type == "contacts"
        by_own_key = [local for local in strangers if not (is_contact and local.key)]
        yield from (reading_by_own_key(policy, some) for some in in_batches(by_own_key))


def _searches(policy: PushPolicy, locals_: Sequence[Local], further: FurtherDomains) -> Iterator[Job[Lookup]]:
    if policy.object_type == "companies":
        strangers = [local for local in locals_ if not local.is_linked and not local.chosen_id]
        yield from searches(policy, strangers, further)


def read_times(
    pool: ClientPool, policy: PushPolicy, remote_ids: Sequence[str]
) -> dict[str, dict[str, datetime]]:
    """When HubSpot changed each property of these objects last, by object."""
    names = [item.property for _, item in policy.mapping.outgoing]

    def job_of(some: Sequence[str]) -> Job[dict[str, dict[str, datetime]]]:
        def job(client: HubSpotClient) -> dict[str, dict[str, datetime]]:
            answer = client.batch_read(policy.object_type, some, names, history=names)
            return {one.id: _times(one) for one in answer.results}

        return job

    jobs = [job_of(some) for some in in_batches(remote_ids, _MOST_WITH_HISTORY)]
    return {remote_id: times for some in pool.map(jobs) for remote_id, times in some.items()}


def _times(found: RemoteObject) -> dict[str, datetime]:
    histories = (found.properties_with_history or {}).items()
    return {name: last for name, entries in histories if entries and (last := entries[0].timestamp)}
