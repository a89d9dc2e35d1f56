"""Finds at HubSpot the objects that a page of records may be, as they are right now."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.plan import is_same_company, mark_gone
from webapp.domain.push.step import Local, PushPolicy, Step, Theirs
from webapp.domain.records.keys import email_key
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.client_pool import ClientPool, Job

_MOST_WITH_HISTORY = 50
# HubSpot takes 3,000 characters in the body of a search; this leaves room for all but the values.
_LONGEST_VALUES = 2_700

Hits = dict[int, list[Theirs]]
"""By record, the objects that its key leads to."""


def find(pool: ClientPool, policy: PushPolicy, steps: Sequence[Step]) -> Hits:
    """Read the objects of linked records into their steps, and look for those of the others."""
    hits: Hits = {step.local.id: [] for step in steps if step.verb == "match"}
    linked = [step for step in steps if step.verb == "update"]
    jobs = [_reading(policy, some) for some in in_batches(linked)]
    matched = [step.local for step in steps if step.verb == "match"]
    strangers = [local for local in matched if not _chosen_id(local)]
    if policy.object_type == "contacts":
        with_key = [local for local in strangers if local.key]
        jobs += [_reading_by_email(policy, some, hits) for some in in_batches(with_key)]
        by_own_key = [local for local in strangers if not local.key]
    else:
        by_domain = [local for local in strangers if local.key]
        by_name = [local for local in strangers if not local.key and local.values.get("name")]
        jobs += [_searching("domain", policy, some, hits) for some in _in_bodies(by_domain, "domain")]
        jobs += [_searching("name", policy, some, hits) for some in _in_bodies(by_name, "name")]
        by_own_key = strangers
    if policy.has_key:
        jobs += [_reading_by_own_key(policy, some, hits) for some in in_batches(by_own_key)]
    jobs += [_reading_chosen(policy, local, hits) for local in matched if _chosen_id(local)]
    pool.do(jobs)
    return hits


def read_times(pool: ClientPool, policy: PushPolicy, steps: Sequence[Step]) -> None:
    """When HubSpot changed the properties of these objects last."""
    names = [item.property for _, item in policy.mapping.outgoing]

    def job_of(some: Sequence[Step]) -> Job:
        def job(client: HubSpotClient) -> None:
            by_id = {step.theirs.id: step.theirs for step in some if step.theirs is not None}
            answer = client.batch_read(policy.object_type, list(by_id), names, history=names)
            for one in answer.results:
                if one.id in by_id:
                    by_id[one.id].changed_at = {
                        name: told[0].timestamp
                        for name, told in (one.properties_with_history or {}).items()
                        if told and told[0].timestamp
                    }

        return job

    pool.do([job_of(some) for some in in_batches(steps, _MOST_WITH_HISTORY)])


def read_alone(client: HubSpotClient, policy: PushPolicy, remote_id: str) -> Theirs | None:
    """One object, or the survivor that it was merged into; None is the proof that there is none."""
    try:
        return as_theirs(client.read(policy.object_type, remote_id, wanted(policy)))
    except NotFound:
        return None


def wanted(policy: PushPolicy) -> list[str]:
    """The properties that a push reads."""
    names = [item.property for _definition, item in policy.mapping.outgoing]
    names.append("hs_additional_emails" if policy.object_type == "contacts" else "hs_additional_domains")
    return [*names, KEY_PROPERTY] if policy.has_key else names


def as_theirs(found: RemoteObject) -> Theirs:
    """An answer of HubSpot as the domain takes it."""
    return Theirs(found.id, found.properties, found.created_at, found.updated_at, found.new)


def _reading(policy: PushPolicy, steps: Sequence[Step]) -> Job:
    """Reads linked objects; one that is missing was merged or deleted, which a call of its own tells."""

    def job(client: HubSpotClient) -> None:
        ids = {step.remote_id: step for step in steps}
        answer = client.batch_read(policy.object_type, [str(one) for one in ids], wanted(policy))
        for remote_id, step in ids.items():
            found = answer.by_key.get(str(remote_id))
            step.theirs = as_theirs(found) if found else read_alone(client, policy, str(remote_id))
            if step.theirs is None:
                mark_gone(step)

    return job


def _reading_by_email(policy: PushPolicy, locals_: Sequence[Local], hits: Hits) -> Job:
    def job(client: HubSpotClient) -> None:
        keys = [str(local.key) for local in locals_]
        answer = client.batch_read(policy.object_type, keys, wanted(policy), "email")
        for local in locals_:
            found = answer.by_key.get(str(local.key))
            if found is not None and has_address(found.properties, str(local.key)):
                hits[local.id].append(as_theirs(found))

    return job


def _reading_by_own_key(policy: PushPolicy, locals_: Sequence[Local], hits: Hits) -> Job:
    """What would be made by upsert is looked for by its key first: when an upsert tells, it has written."""

    def job(client: HubSpotClient) -> None:
        keys = [local.uuid for local in locals_]
        answer = client.batch_read(policy.object_type, keys, wanted(policy), KEY_PROPERTY)
        for local in locals_:
            found = answer.by_key.get(local.uuid)
            if found is not None:
                hits[local.id].append(as_theirs(found))

    return job


def has_address(properties: dict[str, str | None], address: str) -> bool:
    """Whether a contact answers to an address, its first one or a further one."""
    further = (properties.get("hs_additional_emails") or "").split(";")
    return address in (email_key(one) for one in (properties.get("email"), *further))


def _searching(name: str, policy: PushPolicy, companies: Sequence[Local], hits: Hits) -> Job:
    """Searches companies by domain or name, and reads what it finds: a hit may be half a minute old."""

    def job(client: HubSpotClient) -> None:
        ids = dict.fromkeys(_search(client, name, sorted({_sought(local, name) for local in companies})))
        found: list[Theirs] = []
        for some in in_batches(list(ids)):
            answer = client.batch_read(policy.object_type, some, wanted(policy))
            found += [as_theirs(one) for one in answer.results]
        for local in companies:
            hits[local.id] += [theirs for theirs in found if is_same_company(local, theirs)]

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
        ids += [hit.id for hit in page.results]
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


def _chosen_id(local: Local) -> str | None:
    return (local.decision or {}).get("remote_id")


def _reading_chosen(policy: PushPolicy, local: Local, hits: Hits) -> Job:
    """The object that a person chose is read by its id, whatever else the key leads to."""

    def job(client: HubSpotClient) -> None:
        chosen = read_alone(client, policy, str(_chosen_id(local)))
        if chosen is not None:
            hits[local.id] = [chosen]

    return job
