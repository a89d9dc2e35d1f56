"""Companies found for those that are not linked: by ids that are known already, then by HubSpot's search."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from webapp.domain.mapping.mapping import ADDITIONAL_DOMAINS
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.recognition.recognition import is_same_company
from webapp.hubspot.batches import in_batches
from webapp.hubspot.calls.paging import Cursors
from webapp.hubspot.client import HubSpotClient
from webapp.usecases.push.finding.further_domains import FurtherDomains
from webapp.usecases.push.finding.left_out import read_left_out
from webapp.usecases.push.finding.lookups import (
    Lookup,
    as_found,
    lookup_refused,
    properties_to_read,
    unreadable,
)
from webapp.usecases.push.sending.asking import ask_narrowed
from webapp.usecases.push.sending.client_pool import Job

LONGEST_VALUES = 2_700
"""HubSpot takes 3,000 characters in the body of a search; this leaves room for all but the values."""


def known_companies(policy: PushPolicy, companies: Sequence[Local]) -> Iterator[Job[Lookup]]:
    """Reads by id the objects that were met already and may be these companies: no search finds new ones."""
    known = [local for local in companies if local.met_ids or local.contact_remote_ids]
    yield from (_reading_known(policy, some) for some in in_batches(known))


def searches(
    policy: PushPolicy, companies: Sequence[Local], further: FurtherDomains
) -> Iterator[Job[Lookup]]:
    """Searches for companies by domain, the first or a further one, and for those without one by name."""
    with_domain = [local for local in companies if local.key]
    with_name = [local for local in companies if not local.key and local.values.get("name")]
    yield from (_searching("domain", policy, some, further) for some in _in_bodies(with_domain, "domain"))
    yield from (_searching("name", policy, some, further) for some in _in_bodies(with_name, "name"))


def search_ids(client: HubSpotClient, object_type: str, groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of everything that a search finds, each once.

    Raises:
        MalformedAnswer: The pages have no end.
    """
    ids: dict[str, None] = {}
    cursors = Cursors()
    after: str | None = None
    while True:
        page = client.search(object_type, groups, after=after)
        ids |= dict.fromkeys(found.id for found in page.results)
        after = page.after
        if after is None:
            return list(ids)
        cursors.meet(after)


def _reading_known(policy: PushPolicy, companies: Sequence[Local]) -> Job[Lookup]:
    """Reads what was met before, and the companies that HubSpot has given to a company's contacts."""

    def job(client: HubSpotClient) -> Lookup:
        contacts = sorted({one for local in companies for one in local.contact_remote_ids})
        given = client.associations_of(contacts) if contacts else {}
        of_contacts = {one.to_id for some in given.values() for one in some}
        return _recognised(client, policy, companies, of_contacts.union(*(one.met_ids for one in companies)))

    return job


def _searching(
    name: str, policy: PushPolicy, companies: Sequence[Local], further: FurtherDomains
) -> Job[Lookup]:
    """Searches companies by domain or name, and reads what it finds: a result may be half a minute old."""

    def job(client: HubSpotClient) -> Lookup:
        narrowed = ask_narrowed(
            lambda some: (
                _ids_by_domain(client, some, further)
                if name == "domain"
                else search_ids(client, "companies", [_group(name, some)])
            ),
            sorted({_sought(local, name) for local in companies}),
        )
        ids = {one for _, found in narrowed.answers for one in found}
        lookup = _recognised(client, policy, companies, ids)
        refused = {value: lookup_refused(error) for value, error in narrowed.refused}
        for local in companies:
            if (refusal := refused.get(_sought(local, name))) is not None:
                lookup.refused[local.id] = refusal
        return lookup

    return job


def _recognised(
    client: HubSpotClient, policy: PushPolicy, companies: Sequence[Local], remote_ids: set[str]
) -> Lookup:
    """Each company with those of the objects that it is, as they are now; one that cannot be read counts."""
    lookup = Lookup()
    there: dict[str, FoundObject] = {}
    for some in in_batches(sorted(remote_ids)):
        answer = client.batch_read(policy.object_type, some, properties_to_read(policy))
        left_out = read_left_out(client, policy, answer.missing_ids)
        there |= {one.id: one for one in (*map(as_found, answer.results), *left_out)}
        for odd in answer.unreadable.values():
            refusal = unreadable(odd.why)
            lookup.refused.update(
                (local.id, refusal) for local in companies if is_same_company(local, odd.properties)
            )
    for found in there.values():
        same = [local.id for local in companies if is_same_company(local, found.properties)]
        lookup.pairs.extend((record_id, found) for record_id in same)
    return lookup


def _ids_by_domain(client: HubSpotClient, domains: Sequence[str], further: FurtherDomains) -> Collection[str]:
    """The companies that have one of these domains, as their first or a further one."""
    by_first, by_further = _group("domain", domains), _group(ADDITIONAL_DOMAINS, domains)
    if 2 * sum(map(_length, domains)) <= LONGEST_VALUES:
        return search_ids(client, "companies", [by_first, by_further])
    known = further.ids_of(client, domains)
    if known is None:
        known = set(search_ids(client, "companies", [by_further]))
    return known.union(search_ids(client, "companies", [by_first]))


def _group(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"filters": [{"propertyName": name, "operator": "IN", "values": values}]}


def _sought(local: Local, name: str) -> str:
    # Lists of texts are compared in lower case, and only when they are given so.
    return str(local.key if name == "domain" else local.values["name"]).strip().lower()


def _in_bodies(companies: Sequence[Local], name: str) -> Iterator[list[Local]]:
    """The companies in as few searches as the length of a body allows: searches are the scarcest calls."""
    some: list[Local] = []
    length = 0
    for company in companies:
        own = _length(_sought(company, name))
        if some and length + own > LONGEST_VALUES:
            yield some
            some, length = [], 0
        some.append(company)
        length += own
    if some:
        yield some


def _length(value: str) -> int:
    """What a value takes of the body of a search."""
    return len(json.dumps(value)) + 1
