"""Writes that a run announced and never logged: looked up in HubSpot, so that its undo covers them too."""

from collections.abc import Sequence

from webapp.domain.mapping.mapping import KEY_PROPERTY, Mapping
from webapp.domain.push.interrupted_writes import AnnouncedWrite, SeenObject, completions
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import RemoteObject
from webapp.store.push import announced_writes
from webapp.usecases.push.interrupted_writes import write
from webapp.usecases.undo.entries import Undoing

# A run that was cut off leaves at most one page of records announced and not logged.
_MOST = 10_000


def complete_left_over(undoing: Undoing, client: HubSpotClient) -> None:
    """Complete the log of the run to be undone by what its announcements have led to in HubSpot.

    The log says then what the run did, which a preview of the undo has to know as well. What is not found
    stays announced, for whoever meets it later.
    """
    lease, run_id = undoing.lease, undoing.part.run_id
    for kind in OBJECT_TYPES:
        with lease.services.database.reading() as session:
            announced = announced_writes.of_run(session, lease.connection_id, kind, run_id, limit=_MOST)
        if announced:
            mapping = undoing.mappings[kind]
            names = _properties(mapping)
            found = _look_up(client, mapping, announced, names)
            objects = [SeenObject(one.id, one.properties, one.created_at) for one in found]
            write(lease.services, mapping, completions(announced, objects, mapping, names))


def _properties(mapping: Mapping) -> list[str]:
    names = [item.property for _, item in mapping.outgoing]
    names += ["email", "hs_additional_emails"] if mapping.object_type == "contacts" else []
    return list(dict.fromkeys([*names, KEY_PROPERTY] if mapping.has_key else names))


def _look_up(
    client: HubSpotClient, mapping: Mapping, announced: Sequence[AnnouncedWrite], names: Sequence[str]
) -> list[RemoteObject]:
    """The objects that were to be changed, by id, and those that were to be made, by key and by address."""
    by_id = [one.remote_id for one in announced if one.remote_id]
    keys = [one.key for one in announced if one.key and mapping.has_key]
    addresses = [one.address for one in announced if one.address]
    found: dict[str, RemoteObject] = {}
    for values, key in ((by_id, None), (keys, KEY_PROPERTY), (addresses, "email")):
        for some in in_batches(list(dict.fromkeys(values))):
            answer = client.batch_read(mapping.object_type, some, names, *([key] if key else []))
            found |= {one.id: one for one in answer.results}
    return list(found.values())
