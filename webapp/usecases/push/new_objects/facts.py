"""The objects beside those that a push made: read from HubSpot for many of them at once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from webapp.domain.connection.own_keys import has_prefix
from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.matching.own_domains import own_domain
from webapp.domain.push.creation_checks import (
    CHECKED_AFTER,
    Alike,
    Made,
    WrittenValue,
    alike,
    was_made_in_window,
    work_of_others,
)
from webapp.domain.push.facts import FoundObject, PushPolicy
from webapp.domain.push.recognition.recognition import matching_key, was_made_since
from webapp.domain.push.refusals.refusal import Refusal
from webapp.domain.records.keys import domain_key
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import ObjectUnreadable
from webapp.hubspot.objects import RemoteObject
from webapp.services import Services
from webapp.store.mapping import definitions
from webapp.store.push import creation_checks
from webapp.store.push.creation_checks import Subject
from webapp.store.records import installation, records
from webapp.usecases.push.finding.company_search import search_ids
from webapp.usecases.push.finding.lookups import (
    as_found,
    lookup_refused,
    properties_to_read,
    read_alone,
    unreadable,
)
from webapp.usecases.push.sending.asking import ask_narrowed

_MOST_WITH_HISTORY = 50
# HubSpot takes 3,000 characters in the body of a search; this leaves room for all but the values.
_LONGEST_VALUES = 2_200
# What colleagues do with an object shows in these, which HubSpot counts; no right of ours reads the rest.
_COUNTS = (
    *("num_associated_deals", "num_notes", "num_contacted_notes", "notes_last_contacted"),
    *("hs_num_child_companies", "hs_parent_company_id"),
)


class Gathered(Struct):
    """The objects that were gathered from HubSpot.

    Attributes:
        made: by record, our object with what is beside it; records without one of ours are left out.
        refused: by record, why it could not be looked up.
    """

    made: dict[int, Made] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)


class Reader(Struct, frozen=True):
    """With what is read."""

    services: Services
    client: HubSpotClient
    connection_id: int
    policy: PushPolicy


def gather(reader: Reader, subjects: Sequence[Subject]) -> Gathered:
    """Read our objects and those that the search has beside them, each as it is now."""
    gathered = Gathered()
    own = _own_objects(reader, subjects, gathered)
    looked_at = [one for one in subjects if one.record_id in own]
    indexed: set[str] = set()
    found: dict[str, FoundObject] = {}
    for some in _in_bodies(reader.policy, looked_at):
        narrowed = ask_narrowed(lambda few: _search(reader, few, own), some)
        ids = {one for _, found_ids in narrowed.answers for one in found_ids}
        indexed |= ids
        gathered.refused |= {one.record_id: lookup_refused(error) for one, error in narrowed.refused}
        found |= _read(reader, sorted(ids - {one.id for one in own.values()}))[0]
    around = _around(reader, sorted(found))
    for subject in looked_at:
        if subject.record_id not in gathered.refused:
            mine = own[subject.record_id]
            beside = tuple(_beside(reader, subject, mine, found.values(), around))
            gathered.made[subject.record_id] = Made(own=mine, is_indexed=mine.id in indexed, alike=beside)
    return gathered


def _own_objects(reader: Reader, subjects: Sequence[Subject], gathered: Gathered) -> dict[int, FoundObject]:
    """The objects that we made, by record: no older than its create, with its key or one of our prefix.

    Those whose answer is odd go into what is refused.

    An object made for a record that was merged into another one bears the key of the first.
    """
    with reader.services.database.reading() as session:
        prefix = installation.known_key_prefix(session)
    ids = {one.link.remote_id: one for one in subjects if one.link is not None}
    own: dict[int, FoundObject] = {}
    found, odd = _read(reader, sorted(ids))
    gathered.refused |= {ids[one].record_id: unreadable(why) for one, why in odd.items() if one in ids}
    for remote_id, remote in found.items():
        subject = ids.get(remote_id)
        key = remote.properties.get(KEY_PROPERTY)
        is_ours = subject is not None and (
            key == subject.uuid or (prefix is not None and has_prefix(key, prefix))
        )
        if subject is not None and is_ours and was_made_since(subject.announced_at, remote):
            own[subject.record_id] = remote
    return own


def _read(reader: Reader, remote_ids: Sequence[str]) -> tuple[dict[str, FoundObject], dict[str, str]]:
    """The objects that are there, or that these live on as; and by id, why some cannot be read.

    A batch that leaves one out proves nothing: what is not archived is read alone.
    """
    client, kind, names = reader.client, reader.policy.object_type, properties_to_read(reader.policy)
    found: dict[str, FoundObject] = {}
    odd: dict[str, str] = {}
    for some in in_batches(remote_ids):
        answer = client.batch_read(kind, some, names)
        found |= {one.id: as_found(one) for one in answer.results}
        odd |= {one: why.why for one, why in answer.unreadable.items()}
        missing = answer.missing_ids
        archived = client.batch_read(kind, missing, [], archived=True).by_key if missing else {}
        for one in missing:
            try:
                alone = None if one in archived else read_alone(client, reader.policy, one)
            except ObjectUnreadable as error:
                odd[one] = error.message
            else:
                found |= {alone.id: alone} if alone is not None else {}
    return found, odd


def _search(reader: Reader, subjects: Sequence[Subject], own: Mapping[int, FoundObject]) -> list[str]:
    """Our objects, as proof of how far the search is, and what was made since by the same names."""
    mine = [own[one.record_id] for one in subjects]
    since = min(one.created_at for one in mine) - CHECKED_AFTER
    is_new = {"propertyName": "createdate", "operator": "GTE", "value": str(int(since.timestamp() * 1000))}
    groups = [{"filters": [_is_in("hs_object_id", [one.id for one in mine])]}]
    for name, values in _sought(reader.policy, subjects).items():
        groups.append({"filters": [is_new, _is_in(name, values)]})
    return search_ids(reader.client, reader.policy.object_type, groups)


def _is_in(name: str, values: Sequence[str]) -> dict[str, Any]:
    return {"propertyName": name, "operator": "IN", "values": list(values)}


def _sought(policy: PushPolicy, subjects: Sequence[Subject]) -> dict[str, list[str]]:
    """What others of the same may be found by: by property its values, in lower case as lists want them."""
    pairs = [pair for one in subjects for pair in _keys(policy, one)]
    names = dict.fromkeys(name for name, _ in pairs)
    return {name: sorted({text for other, text in pairs if other == name}) for name in names}


def _keys(policy: PushPolicy, subject: Subject) -> Iterator[tuple[str, str]]:
    values = subject.values or {}
    if policy.object_type == "companies":
        domain = matching_key("companies", None, domain_key(_text(values.get("domain"))))
        if domain:
            yield "domain", domain
        given = (("name", values.get("name")),)
    else:
        name = ("lastname", values.get("last_name"))
        given = (name if name[1] else ("firstname", values.get("first_name")),)
    for property_name, value in given:
        if text := _text(value).strip().lower():
            yield property_name, text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _in_bodies(policy: PushPolicy, subjects: Sequence[Subject]) -> Iterator[list[Subject]]:
    """The creates in as few searches as the length of a body allows."""
    some: list[Subject] = []
    length = 0
    for subject in subjects:
        own = sum(len(json.dumps(text)) + 1 for _, text in _keys(policy, subject)) + 20
        if some and length + own > _LONGEST_VALUES:
            yield some
            some, length = [], 0
        some.append(subject)
        length += own
    if some:
        yield some


class _Around(Struct, frozen=True):
    """Records here: those that objects are linked to, and the companies that contacts belong to there."""

    owners: Mapping[str, int]
    companies: Mapping[str, int | None]


def _around(reader: Reader, remote_ids: Sequence[str]) -> _Around:
    kind = reader.policy.object_type
    given: dict[str, str | None] = {}
    if kind == "contacts" and remote_ids:
        for remote_id, some in reader.client.associations_of(remote_ids).items():
            primary = next((one.to_id for one in some if one.is_primary), None)
            given[remote_id] = primary or next((one.to_id for one in some), None)
    with reader.services.database.reading() as session:
        owners = creation_checks.linked_records(session, reader.connection_id, kind, remote_ids)
        company_ids = sorted({one for one in given.values() if one})
        here = creation_checks.linked_records(session, reader.connection_id, "companies", company_ids)
    here |= _companies_by_domain(reader, [one for one in company_ids if one not in here])
    return _Around(owners, {remote_id: here.get(company or "") for remote_id, company in given.items()})


def _companies_by_domain(reader: Reader, remote_ids: Sequence[str]) -> dict[str, int]:
    """The companies here that objects without a link are too, by their own domain.

    A second installation has made its own of each, which is there until one of the two gives way.
    """
    found = {
        one.id: own_domain(domain_key(one.properties.get("domain")))
        for some in in_batches(remote_ids)
        for one in reader.client.batch_read("companies", some, ["domain"]).results
    }
    with reader.services.database.reading() as session:
        here = records.company_ids_by_domain(session, {domain for domain in found.values() if domain})
    return {
        remote_id: numbers[0]
        for remote_id, domain in found.items()
        if len(numbers := here.get(domain or "", [])) == 1
    }


def _beside(
    reader: Reader, subject: Subject, own: FoundObject, found: Iterable[FoundObject], around: _Around
) -> Iterator[Alike]:
    """What the matcher finds alike among the objects of the same window."""
    for remote in found:
        if remote.id in subject.apart or remote.id == own.id or not was_made_in_window(own, remote):
            continue
        owner = around.owners.get(remote.id)
        one = alike(
            subject.record_id,
            subject.values or {},
            remote,
            reader.policy.mapping,
            companies=(subject.company_id, around.companies.get(remote.id)),
            owner=owner if owner != subject.record_id else None,
            frequencies=reader.policy.frequencies,
        )
        if one is not None:
            yield one


def read_work(reader: Reader, subject: Subject, own: FoundObject) -> tuple[str, ...]:
    """What our object carries that is not ours: every value that people may write, and who belongs to it.

    Where it is not known what people may write, nothing proves that they have not.

    Raises:
        ObjectUnreadable: HubSpot's answer about it is odd.
    """
    kind = reader.policy.object_type
    with reader.services.database.reading() as session:
        known = definitions.load(session, reader.connection_id, kind).definitions
    if not known.properties:
        return ("properties",)
    names = [one.name for one in known.properties if not one.is_written_by_hubspot_alone]
    held = reader.client.read(kind, own.id, [*names, *_COUNTS]).properties
    written: dict[str, WrittenValue] = {}
    for some in in_batches([name for name in names if held.get(name)], _MOST_WITH_HISTORY):
        answer = reader.client.batch_read(kind, [own.id], some, history=some)
        for one in answer.results:
            written |= {name: _written(one, name) for name in some}
    base = subject.link.remote_seen if subject.link is not None else {}
    properties = reader.policy.mapping.property_names
    counted = [name for name in _COUNTS if held.get(name) not in (None, "", "0")]
    return work_of_others(
        own,
        written,
        {properties[name]: text for name, text in base.items() if name in properties},
        [*counted, *_strangers(reader, own.id)],
    )


def _written(found: RemoteObject, name: str) -> WrittenValue:
    entries = (found.properties_with_history or {}).get(name)
    text = found.properties.get(name) or ""
    if not entries:
        return WrittenValue(text)
    return WrittenValue(text, entries[0].source_type, entries[0].source_id, entries[0].timestamp)


def _strangers(reader: Reader, remote_id: str) -> list[str]:
    """Associated objects that are not linked to any record here.

    Raises:
        ObjectUnreadable: It is not known of all of them.
    """
    if reader.policy.object_type == "companies":
        ids = reader.client.contacts_of([remote_id]).insisted_on().get(remote_id, [])
        other: Any = "contacts"
    else:
        companies = reader.client.associations_of([remote_id]).insisted_on()
        ids = [one.to_id for one in companies.get(remote_id, [])]
        other = "companies"
    with reader.services.database.reading() as session:
        ours = creation_checks.linked_records(session, reader.connection_id, other, ids)
    return [one for one in ids if one not in ours]
