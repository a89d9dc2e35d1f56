"""Finds at HubSpot the objects that a page of records may be, as they are right now."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.decide import Candidates
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.recognition import has_address, is_same_company
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.client_pool import ClientPool, Job
from webapp.usecases.push.reading import Pairs, as_found, properties_to_read, read_alone, read_in_turn

_MOST_WITH_HISTORY = 50
# HubSpot takes 3,000 characters in the body of a search; this leaves room for all but the values.
_LONGEST_VALUES = 2_700


class Read(Struct, frozen=True):
    """What a call came to: objects by record, and linked objects of which it proved nothing."""

    pairs: Pairs
    unproven: list[tuple[int, str]] = []


class Findings(Struct, frozen=True):
    """What HubSpot has for the records of a page.

    Attributes:
        candidates: by record, the objects found for it.
        unread_from: the first record whose object there was no time to read; None where all were read.
    """

    candidates: Candidates
    unread_from: int | None


def find(
    pool: ClientPool, policy: PushPolicy, locals_: Sequence[Local], is_over: Callable[[], bool]
) -> Findings:
    """Read the objects of linked records, and search for those of the others.

    What two batches have not proved is read object by object, in the order of the records, as far as the
    slice and the call limit reach: the page ends there, so that nothing that was proved is lost.

    Args:
        pool: The calls in flight.
        policy: Under what terms is pushed.
        locals_: The records that are not left out, by number.
        is_over: Whether the slice should come to its end.

    Raises:
        TwinbookError: Trouble before anything more was proved.
    """
    candidates: dict[int, list[FoundObject]] = {local.id: [] for local in locals_}
    unproven: list[tuple[int, str]] = []
    for read in pool.map(list(_jobs(policy, locals_))):
        unproven += read.unproven
        for record_id, found in read.pairs:
            candidates[record_id].append(found)
    first_id = min((local.id for local in locals_), default=0)
    alone = read_in_turn(pool, policy, sorted(unproven), is_over, must_read=first_id)
    for record_id, found in alone.pairs:
        candidates[record_id].append(found)
    return Findings(candidates, alone.unread_from)


def _jobs(policy: PushPolicy, locals_: Sequence[Local]) -> Iterator[Job[Read]]:
    unlinked = [local for local in locals_ if not local.is_linked]
    yield from (_reading(policy, some) for some in in_batches([one for one in locals_ if one.is_linked]))
    yield from _searches(policy, [local for local in unlinked if not local.chosen_id])
    yield from (_reading_chosen(policy, local) for local in unlinked if local.chosen_id)


def _searches(policy: PushPolicy, strangers: Sequence[Local]) -> Iterator[Job[Read]]:
    """What finds records by their keys: contacts by e-mail, companies by domain or name, all by our key."""
    with_key = [local for local in strangers if local.key]
    without_key = [local for local in strangers if not local.key]
    if policy.object_type == "contacts":
        yield from (_reading_by_email(policy, some) for some in in_batches(with_key))
    else:
        with_name = [local for local in without_key if local.values.get("name")]
        yield from (_searching("domain", policy, some) for some in _in_bodies(with_key, "domain"))
        yield from (_searching("name", policy, some) for some in _in_bodies(with_name, "name"))
    if policy.has_key:
        by_own_key = without_key if policy.object_type == "contacts" else strangers
        yield from (_reading_by_own_key(policy, some) for some in in_batches(by_own_key))


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


def _reading(policy: PushPolicy, linked: Sequence[Local]) -> Job[Read]:
    """Reads linked objects, and which of the missing ones are archived: those are deleted for certain."""

    def job(client: HubSpotClient) -> Read:
        ids = {local.link.remote_id: local.id for local in linked if local.link is not None}
        answer = client.batch_read(policy.object_type, list(ids), properties_to_read(policy))
        missing = answer.missing_ids
        archived = client.batch_read(policy.object_type, missing, [], archived=True).by_key if missing else {}
        return Read(
            [(ids[remote_id], as_found(one)) for remote_id, one in answer.by_key.items()],
            [(ids[remote_id], remote_id) for remote_id in missing if remote_id not in archived],
        )

    return job


def _reading_by_email(policy: PushPolicy, contacts: Sequence[Local]) -> Job[Read]:
    def job(client: HubSpotClient) -> Read:
        addresses = [str(local.key) for local in contacts]
        answer = client.batch_read(policy.object_type, addresses, properties_to_read(policy), "email")
        return Read(
            [
                (local.id, as_found(found))
                for local in contacts
                if (found := answer.by_key.get(str(local.key))) and has_address(found.properties, local.key)
            ]
        )

    return job


def _reading_by_own_key(policy: PushPolicy, locals_: Sequence[Local]) -> Job[Read]:
    """Reads by our key what an upsert would make: the answer to an upsert comes when it has written."""

    def job(client: HubSpotClient) -> Read:
        keys = [local.uuid for local in locals_]
        found = client.batch_read(policy.object_type, keys, properties_to_read(policy), KEY_PROPERTY).by_key
        return Read([(local.id, as_found(found[local.uuid])) for local in locals_ if local.uuid in found])

    return job


def _reading_chosen(policy: PushPolicy, local: Local) -> Job[Read]:
    """The object that a person chose is read by its id, whatever else the key leads to."""

    def job(client: HubSpotClient) -> Read:
        chosen = read_alone(client, policy, str(local.chosen_id))
        return Read([(local.id, chosen)] if chosen is not None else [])

    return job


def _searching(name: str, policy: PushPolicy, companies: Sequence[Local]) -> Job[Read]:
    """Searches companies by domain or name, and reads what it finds: a result may be half a minute old."""

    def job(client: HubSpotClient) -> Read:
        ids = dict.fromkeys(_search(client, name, sorted({_sought(local, name) for local in companies})))
        found = [
            as_found(one)
            for some in in_batches(list(ids))
            for one in client.batch_read(policy.object_type, some, properties_to_read(policy)).results
        ]
        return Read([(local.id, one) for local in companies for one in found if is_same_company(local, one)])

    return job


def _sought(local: Local, name: str) -> str:
    # Lists of texts are compared in lower case, and only when they are given so.
    return str(local.key if name == "domain" else local.values["name"]).strip().lower()


def _search(client: HubSpotClient, name: str, values: Sequence[str]) -> list[str]:
    groups: list[dict[str, Any]] = [{"filters": [{"propertyName": name, "operator": "IN", "values": values}]}]
    ids: list[str] = []
    after: str | None = None
    while True:
        page = client.search("companies", groups, after=after)
        ids += [found.id for found in page.results]
        after = page.after
        if after is None:
            return ids


def _in_bodies(companies: Sequence[Local], name: str) -> Iterator[list[Local]]:
    """The companies in as few searches as the length of a body allows: searches are the scarcest calls."""
    some: list[Local] = []
    length = 0
    for company in companies:
        own = len(json.dumps(_sought(company, name))) + 1
        if some and length + own > _LONGEST_VALUES:
            yield some
            some, length = [], 0
        some.append(company)
        length += own
    if some:
        yield some
