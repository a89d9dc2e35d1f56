"""Objects read for the records of a push, by id or by a unique value; trouble with one concerns it alone."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from webapp.domain.mapping.mapping import FURTHER_KEYS, KEY_PROPERTY
from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.recognition.recognition import has_address
from webapp.domain.push.refusals.refusal import Refusal
from webapp.hubspot.batches import MOST_INPUTS
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import HubSpotError, NotFound, ObjectUnreadable
from webapp.hubspot.objects import RemoteObject
from webapp.usecases.push.sending.asking import ask_narrowed
from webapp.usecases.push.sending.client_pool import Job


class Lookup(Struct, frozen=True):
    """The result of looking records up.

    Attributes:
        pairs: records by number, each with an object found for it.
        refused: by record, why it could not be looked up.
        unproven: records with the ids of their objects, of which a batch has proved nothing.
    """

    pairs: list[tuple[int, FoundObject]] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
    unproven: list[tuple[int, str]] = field(default_factory=list)


class ByKey(Struct, frozen=True):
    """Objects by what they were read by; what is neither found nor refused HubSpot has left out."""

    found: dict[str, RemoteObject] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)


def reading_linked(policy: PushPolicy, linked: Sequence[Local]) -> Job[Lookup]:
    """Reads linked objects, and which of the missing ones are archived: those are deleted for certain."""

    def job(client: HubSpotClient) -> Lookup:
        ids = {local.link.remote_id: local.id for local in linked if local.link is not None}
        read = read_by(client, policy, list(ids))
        lookup = _paired(ids, read)
        missing = [one for one in ids if one not in read.found and one not in read.refused]
        archived = client.batch_read(policy.object_type, missing, [], archived=True).by_key if missing else {}
        lookup.unproven.extend((ids[one], one) for one in missing if one not in archived)
        return lookup

    return job


def reading_by_email(policy: PushPolicy, contacts: Sequence[Local]) -> Job[Lookup]:
    """Reads contacts by their addresses, each the first or a further one on either side."""

    def job(client: HubSpotClient) -> Lookup:
        read = read_by(client, policy, [one for local in contacts for one in local.addresses], "email")
        lookup = Lookup()
        for local in contacts:
            if local.key in read.refused:
                lookup.refused[local.id] = read.refused[local.key]
                continue
            found = {read.found[one].id: read.found[one] for one in local.addresses if one in read.found}
            lookup.pairs.extend(
                (local.id, as_found(one))
                for one in found.values()
                if has_address(one.properties, local.addresses)
            )
        return lookup

    return job


def by_addresses(contacts: Sequence[Local]) -> Iterator[list[Local]]:
    """The contacts in as few reads as their addresses allow: few have more than one."""
    some: list[Local] = []
    addresses: set[str] = set()
    for contact in contacts:
        if some and len(addresses.union(contact.addresses)) > MOST_INPUTS:
            yield some
            some, addresses = [], set()
        some.append(contact)
        addresses.update(contact.addresses)
    if some:
        yield some


def reading_by_own_key(policy: PushPolicy, locals_: Sequence[Local]) -> Job[Lookup]:
    """Reads by our key what an upsert would make: the answer to an upsert comes when it has written."""

    def job(client: HubSpotClient) -> Lookup:
        keys = {local.uuid: local.id for local in locals_}
        return _paired(keys, read_by(client, policy, list(keys), KEY_PROPERTY))

    return job


def reading_chosen(policy: PushPolicy, local: Local) -> Job[Lookup]:
    """The object that a person chose is read by its id, whatever else the key leads to."""

    def job(client: HubSpotClient) -> Lookup:
        lookup = Lookup()
        _add_alone(lookup, client, policy, local.id, str(local.chosen_id))
        return lookup

    return job


def read_by(
    client: HubSpotClient, policy: PushPolicy, keys: Sequence[str], id_property: str | None = None
) -> ByKey:
    """Read up to 100 objects by id or by a unique property; a key that HubSpot refuses is found out."""
    names = properties_to_read(policy)
    narrowed = ask_narrowed(
        lambda some: client.batch_read(policy.object_type, some, names, id_property),
        list(dict.fromkeys(keys)),
        is_divided=True,
    )
    read = ByKey(refused={key: lookup_refused(error) for key, error in narrowed.refused})
    for _, answer in narrowed.answers:
        read.found.update(answer.by_key)
        read.refused.update({key: unreadable(one.why) for key, one in answer.unreadable.items()})
    return read


def read_alone(client: HubSpotClient, policy: PushPolicy, remote_id: str) -> FoundObject | None:
    """One object, or the survivor that it was merged into; None is the proof that there is none.

    Raises:
        ObjectUnreadable: There is one, and its answer is not as it should be.
    """
    try:
        return as_found(client.read(policy.object_type, remote_id, properties_to_read(policy)))
    except NotFound:
        return None


def read_by_address(client: HubSpotClient, policy: PushPolicy, local: Local) -> FoundObject | None:
    """The object that has an address of a contact, if there is one that can be read."""
    if policy.object_type != "contacts" or not local.addresses:
        return None
    found = read_by(client, policy, local.addresses, "email").found
    return next((as_found(found[one]) for one in local.addresses if one in found), None)


def properties_to_read(policy: PushPolicy) -> list[str]:
    """The properties that a push reads."""
    names = [item.property for _definition, item in policy.mapping.outgoing]
    names.append(FURTHER_KEYS[policy.object_type])
    return [*names, KEY_PROPERTY] if policy.has_key else names


def as_found(answered: RemoteObject) -> FoundObject:
    """An answer of HubSpot as the domain takes it."""
    return FoundObject(
        answered.id, answered.properties, answered.created_at, answered.updated_at, answered.new
    )


def lookup_refused(error: HubSpotError) -> Refusal:
    """Why a record cannot be looked up at HubSpot."""
    return Refusal(
        message=error.message,
        category=error.category,
        correlation_id=error.correlation_id,
        property=error.property_name,
        reason="lookup_refused",
    )


def unreadable(why: str) -> Refusal:
    """Why nothing is sent to an object: what it holds is not known."""
    return Refusal(message=why, reason="unreadable_object")


def _paired(record_ids: Mapping[str, int], read: ByKey) -> Lookup:
    return Lookup(
        [(record_ids[key], as_found(one)) for key, one in read.found.items()],
        {record_ids[key]: refusal for key, refusal in read.refused.items()},
    )


def _add_alone(
    lookup: Lookup, client: HubSpotClient, policy: PushPolicy, record_id: int, remote_id: str
) -> None:
    try:
        found = read_alone(client, policy, remote_id)
    except ObjectUnreadable as error:
        lookup.refused[record_id] = unreadable(error.message)
        return
    if found is not None:
        lookup.pairs.append((record_id, found))
