"""Reads objects as they are now, and proves which of them no longer exist."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from webapp.domain.links.company_moves import Version
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.facts import Remote
from webapp.errors import TwinbookError
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound, ObjectUnreadable
from webapp.hubspot.objects import COMPANY_PROPERTY, RemoteObject, UnreadableObject
from webapp.services import Services
from webapp.store.links import generations
from webapp.store.push import outbox

_BATCH_SIZE_WITH_HISTORY = 50


class Look(Struct):
    """The result of reading a batch of objects.

    Attributes:
        generation: that of our writes before the read: it proves nothing of what was written to since.
        found: those that exist; one that could not be read says so as `unreadable`.
        not_there: those that HubSpot proves it has not.
        unread: those that the call limit kept from being read, after something else was proved.
    """

    generation: int
    found: list[Remote]
    not_there: list[str]
    unread: list[str] = []


def look_at(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    mapping: Mapping,
    remote_ids: Sequence[str],
    *,
    is_partly_of_use: bool = False,
) -> Look:
    """Read up to 100 objects; one that a batch leaves out was merged or deleted, or is too new.

    Where the record has an edit that was not sent yet, the times of HubSpot's changes are read as well: if
    both sides changed a field, the later edit is kept.

    Args:
        services: What it works with.
        client: Reads.
        connection_id: Whose objects.
        mapping: Of their type.
        remote_ids: Which objects.
        is_partly_of_use: Whether to answer what was proved until a call failed, with the rest as `unread`.

    Raises:
        TwinbookError: Whatever a call raises; where a part is of use, only before anything was proved.
    """
    generation = generation_now(services, connection_id)
    kind, properties = mapping.object_type, mapping.properties
    answer = client.batch_read(kind, remote_ids, properties)
    found = {one.id: one for one in answer.results}
    unreadable = list(answer.unreadable.values())
    if kind == "contacts" and found:
        unreadable += _add_companies(client, found)
    missing = _Missing(answer.missing_ids)
    try:
        _look_for(client, mapping, missing)
    except TwinbookError:
        if not is_partly_of_use or not (found or missing.has_proof):
            raise
    found |= {one.id: one for one in missing.survivors}
    unreadable += missing.unreadable
    remotes = {number: as_remote(one, generation) for number, one in found.items()}
    remotes |= {one.id: one for one in as_unreadable(unreadable)}
    _add_times(services, client, connection_id, mapping, remotes)
    return Look(generation, list(remotes.values()), missing.not_there, missing.unread)


def _add_companies(client: HubSpotClient, found: dict[str, RemoteObject]) -> list[UnreadableObject]:
    """Let contacts have all their companies; those where these cannot be read are taken out, and returned."""
    related = client.associations_of(list(found))
    for contact_id, companies in related.items():
        found[contact_id].set_companies(companies)
    for contact_id in related.unreadable:
        found.pop(contact_id, None)
    return [UnreadableObject(id=one, why=why) for one, why in related.unreadable.items()]


class _Missing:
    """What a batch left out, and what is proved of it so far."""

    def __init__(self, unread: list[str]) -> None:
        self.unread = unread
        self.not_there: list[str] = []
        self.survivors: list[RemoteObject] = []
        self.unreadable: list[UnreadableObject] = []

    @property
    def has_proof(self) -> bool:
        """Whether anything is known of any of them."""
        return bool(self.not_there or self.survivors or self.unreadable)


def _look_for(client: HubSpotClient, mapping: Mapping, missing: _Missing) -> None:
    """Prove what became of the missing objects: one call for all that are archived, then one for each."""
    if not missing.unread:
        return
    kind = mapping.object_type
    archived = client.batch_read(kind, missing.unread, [], archived=True).by_key
    missing.not_there = [one for one in missing.unread if one in archived]
    missing.unread = [one for one in missing.unread if one not in archived]
    while missing.unread:
        try:
            missing.survivors.append(client.read(kind, missing.unread[0], mapping.properties))
        except NotFound:
            missing.not_there.append(missing.unread[0])
        except ObjectUnreadable as error:
            missing.unreadable.append(UnreadableObject(id=missing.unread[0], why=error.message))
        del missing.unread[0]


def generation_now(services: Services, connection_id: int) -> int:
    """The generation of our writes, before a request whose answer is to be applied."""
    with services.database.reading() as session:
        return generations.current(session, connection_id)


def as_remotes(found: Iterable[RemoteObject], generation: int | None = None) -> list[Remote]:
    """Answers of HubSpot as the domain takes them."""
    return [as_remote(one, generation) for one in found]


def as_unreadable(found: Iterable[UnreadableObject]) -> list[Remote]:
    """The objects of an answer that could not be read, as the domain takes them."""
    long_ago = datetime.min.replace(tzinfo=UTC)
    return [Remote(id=one.id, properties={}, updated_at=long_ago, unreadable=one.why) for one in found]


def as_remote(found: RemoteObject, generation: int | None = None) -> Remote:
    """An answer of HubSpot as the domain takes it, with the generation that was taken before its request."""
    return Remote(
        id=found.id,
        properties=found.properties,
        updated_at=found.updated_at,
        company_id=found.chosen_company_id,
        merged_ids=found.merged_ids,
        primary_id=found.primary_company_id,
        created_at=found.created_at,
        generation=generation,
    )


def _add_times(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    mapping: Mapping,
    remotes: dict[str, Remote],
) -> None:
    """When HubSpot changed the fields of objects whose record was edited here as well."""
    # The link of an object that was merged into another one is its survivor's from now on.
    lives_on = {old: one.id for one in remotes.values() for old in (*one.merged_ids, one.id)}
    with services.database.reading() as session:
        unsent = outbox.unsent_objects(session, connection_id, mapping.object_type, sorted(lives_on))
    edited = sorted({lives_on[number] for number in unsent})
    names = [name for _, name, _ in mapping.incoming_properties]
    if mapping.object_type == "contacts":
        names.append(COMPANY_PROPERTY)
    for start in range(0, len(edited), _BATCH_SIZE_WITH_HISTORY):
        some = edited[start : start + _BATCH_SIZE_WITH_HISTORY]
        answer = client.batch_read(mapping.object_type, some, names, history=names)
        for one in answer.results:
            if one.id in remotes:
                remotes[one.id].changed_at = _changed_at(one, mapping)
                remotes[one.id].company_versions = company_versions(one)


def company_versions(found: RemoteObject) -> list[Version]:
    """The companies of a contact, the newest first, where its history was read."""
    entries = (found.properties_with_history or {}).get(COMPANY_PROPERTY) or []
    return [Version(one.value or None, one.timestamp) for one in entries]


def _changed_at(found: RemoteObject, mapping: Mapping) -> dict[str, datetime]:
    """When each mapped field got its present value at HubSpot; histories come newest first."""
    histories = found.properties_with_history or {}
    newest = {field: histories.get(name) for field, name, _ in mapping.incoming_properties}
    return {
        field: versions[0].timestamp
        for field, versions in newest.items()
        if versions and versions[0].timestamp
    }
