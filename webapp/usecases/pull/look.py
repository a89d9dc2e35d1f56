"""Reading objects as they are now, and proving which of them are not there any more."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.facts import Remote
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound
from webapp.hubspot.objects import RemoteObject
from webapp.services import Services
from webapp.store.links import generations
from webapp.store.push import outbox

_BATCH_SIZE_WITH_HISTORY = 50


class Look(Struct):
    """What came of reading a batch of objects: those that exist, and those that HubSpot proves it has not."""

    found: list[Remote]
    not_there: list[str]


def look_at(
    services: Services, client: HubSpotClient, connection_id: int, mapping: Mapping, remote_ids: Sequence[str]
) -> Look:
    """Read up to 100 objects; one that a batch leaves out was merged or deleted, or is too new.

    Of those whose record has an edit that was not sent yet the times of HubSpot's changes are read as well:
    where both sides changed a field, the later edit is kept.
    """
    generation = generation_now(services, connection_id)
    kind, properties = mapping.object_type, mapping.properties
    answer = client.batch_read(kind, remote_ids, properties)
    found = {one.id: one for one in answer.results}
    if kind == "contacts" and found:
        for contact_id, companies in client.associations_of(list(found)).items():
            found[contact_id].set_companies(companies)
    not_there = []
    for remote_id in answer.missing_ids:
        try:
            survivor = client.read(kind, remote_id, properties)
        except NotFound:
            not_there.append(remote_id)
        else:
            found[survivor.id] = survivor
    remotes = {number: as_remote(one, generation) for number, one in found.items()}
    _add_times(services, client, connection_id, mapping, remotes)
    return Look(list(remotes.values()), not_there)


def generation_now(services: Services, connection_id: int) -> int:
    """The generation of our writes, before a request whose answer is to be applied."""
    with services.database.reading() as session:
        return generations.current(session, connection_id)


def as_remotes(found: Iterable[RemoteObject], generation: int | None = None) -> list[Remote]:
    """Answers of HubSpot as the domain takes them."""
    return [as_remote(one, generation) for one in found]


def as_remote(found: RemoteObject, generation: int | None = None) -> Remote:
    """An answer of HubSpot as the domain takes it, with the generation that was taken before its request."""
    return Remote(
        id=found.id,
        properties=found.properties,
        updated_at=found.updated_at,
        company_id=found.chosen_company_id,
        merged_ids=found.merged_ids,
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
    with services.database.reading() as session:
        edited = outbox.unsent_objects(session, connection_id, mapping.object_type, sorted(remotes))
    names = [name for _, name, _ in mapping.incoming_properties]
    for start in range(0, len(edited), _BATCH_SIZE_WITH_HISTORY):
        some = edited[start : start + _BATCH_SIZE_WITH_HISTORY]
        answer = client.batch_read(mapping.object_type, some, names, history=names)
        for one in answer.results:
            if one.id in remotes:
                remotes[one.id].changed_at = _changed_at(one, mapping)


def _changed_at(found: RemoteObject, mapping: Mapping) -> dict[str, datetime]:
    """When each mapped field got its present value at HubSpot; histories come newest first."""
    histories = found.properties_with_history or {}
    newest = {field: histories.get(name) for field, name, _ in mapping.incoming_properties}
    return {
        field: versions[0].timestamp
        for field, versions in newest.items()
        if versions and versions[0].timestamp
    }
