"""Finds at HubSpot the objects that a page of records may be, as they are right now."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.decide import Candidates
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.recognition import has_address, is_same_company
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.client_pool import ClientPool, Job

_MOST_WITH_HISTORY = 50
# HubSpot takes 3,000 characters in the body of a search; this leaves room for all but the values.
_LONGEST_VALUES = 2_700

Pairs = list[tuple[int, FoundObject]]
"""Records by number, each with an object found for it."""


def find(pool: ClientPool, policy: PushPolicy, locals_: Sequence[Local]) -> Candidates:
    """Read the objects of linked records, and search for those of the others."""
    candidates: dict[int, list[FoundObject]] = {local.id: [] for local in locals_}
    for pairs in pool.map(list(_jobs(policy, locals_))):
        for record_id, found in pairs:
            candidates[record_id].append(found)
    return candidates


def _jobs(policy: PushPolicy, locals_: Sequence[Local]) -> Iterator[Job[Pairs]]:
    unlinked = [local for local in locals_ if not local.is_linked]
    yield from (_reading(policy, some) for some in in_batches([one for one in locals_ if one.is_linked]))
    yield from _searches(policy, [local for local in unlinked if not local.chosen_id])
    yield from (_reading_chosen(policy, local) for local in unlinked if local.chosen_id)


def _searches(policy: PushPolicy, strangers: Sequence[Local]) -> Iterator[Job[Pairs]]:
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


def read_alone(client: HubSpotClient, policy: PushPolicy, remote_id: str) -> FoundObject | None:
    """One object, or the survivor that it was merged into; None is the proof that there is none."""
    try:
        return as_found(client.read(policy.object_type, remote_id, properties_to_read(policy)))
    except NotFound:
        return None


def properties_to_read(policy: PushPolicy) -> list[str]:
    """The properties that a push reads."""
    names = [item.property for _definition, item in policy.mapping.outgoing]
    names.append("hs_additional_emails" if policy.object_type == "contacts" else "hs_additional_domains")
    return [*names, KEY_PROPERTY] if policy.has_key else names


def as_found(answered: RemoteObject) -> FoundObject:
    """An answer of HubSpot as the domain takes it."""
    return FoundObject(
        answered.id, answered.properties, answered.created_at, answered.updated_at, answered.new
    )


def _reading(policy: PushPolicy, linked: Sequence[Local]) -> Job[Pairs]:
    """Reads linked objects; a call of its own says whether a missing one was merged or deleted."""

    def job(client: HubSpotClient) -> Pairs:
        ids = {local.link.remote_id: local.id for local in linked if local.link is not None}
        answer = client.batch_read(policy.object_type, list(ids), properties_to_read(policy))
        present = {key: as_found(one) for key, one in answer.by_key.items()}
        pairs = [
            (record_id, present.get(remote_id) or read_alone(client, policy, remote_id))
            for remote_id, record_id in ids.items()
        ]
        return [(record_id, found) for record_id, found in pairs if found is not None]

    return job


def _reading_by_email(policy: PushPolicy, contacts: Sequence[Local]) -> Job[Pairs]:
    def job(client: HubSpotClient) -> Pairs:
        addresses = [str(local.key) for local in contacts]
        answer = client.batch_read(policy.object_type, addresses, properties_to_read(policy), "email")
        return [
            (local.id, as_found(found))
            for local in contacts
            if (found := answer.by_key.get(str(local.key))) and has_address(found.properties, local.key)
        ]

    return job


def _reading_by_own_key(policy: PushPolicy, locals_: Sequence[Local]) -> Job[Pairs]:
    """Reads by our key what an upsert would make: the answer to an upsert comes when it has written."""

    def job(client: HubSpotClient) -> Pairs:
        keys = [local.uuid for local in locals_]
        found = client.batch_read(policy.object_type, keys, properties_to_read(policy), KEY_PROPERTY).by_key
        return [(local.id, as_found(found[local.uuid])) for local in locals_ if local.uuid in found]

    return job


def _reading_chosen(policy: PushPolicy, local: Local) -> Job[Pairs]:
    """The object that a person chose is read by its id, whatever else the key leads to."""

    def job(client: HubSpotClient) -> Pairs:
        chosen = read_alone(client, policy, str(local.chosen_id))
        return [(local.id, chosen)] if chosen is not None else []

    return job


def _searching(name: str, policy: PushPolicy, companies: Sequence[Local]) -> Job[Pairs]:
    """Searches companies by domain or name, and reads what it finds: a result may be half a minute old."""

    def job(client: HubSpotClient) -> Pairs:
        ids = dict.fromkeys(_search(client, name, sorted({_sought(local, name) for local in companies})))
        found = [
            as_found(one)
            for some in in_batches(list(ids))
            for one in client.batch_read(policy.object_type, some, properties_to_read(policy)).results
        ]
        return [(local.id, one) for local in companies for one in found if is_same_company(local, one)]

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
