"""Looks at the objects of a stretch of entries as an undo needs to know them, with their records here."""

from collections.abc import Sequence
from datetime import timedelta

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.associations import PLAIN
from webapp.domain.push.interrupted_writes import SeenObject
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.outcomes import CREATED
from webapp.domain.undo.remote import LOGGED, ObjectNow
from webapp.errors import TwinbookError
from webapp.hubspot.batches import in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound, ObjectUnreadable
from webapp.hubspot.objects import RemoteObject
from webapp.store.links import generations
from webapp.store.runs.log import LogEntry
from webapp.store.undo import remote as undo_remote
from webapp.usecases.push.interrupted_writes import complete_seen
from webapp.usecases.undo.entries import EntryBatch, Undoing
from webapp.usecases.undo.survivors import add_survivors

_MOST_WITH_HISTORY = 50
# HubSpot fills properties of its own while it makes an object, and the two clocks differ.
MAKING_TAKES = timedelta(minutes=1)


def look(undoing: Undoing, client: HubSpotClient, batch: EntryBatch) -> dict[int, ObjectNow]:
    """The present state of each entry's object and record, by the entry's number.

    Where a call fails after some objects were read, the stretch ends before the first that was not: what was
    proved is not forgotten.
    """
    lease, kind = undoing.lease, batch.object_type
    mapping = undoing.mappings[kind]
    with undoing.lease.services.database.reading() as session:
        generation = generations.current(session, lease.connection_id)
        ids = sorted(batch.record_ids)
        found = undo_remote.gather(session, lease.run_id, lease.connection_id, mapping, ids)
    remote_ids = list(dict.fromkeys(str(entry.remote_id) for entry in batch.entries))
    objects, absences, unread = _read(undoing, client, kind, remote_ids, mapping)
    batch.end_before(unread)
    if undoing.writes:
        _complete_logs(undoing, mapping, objects, generation)
    seen = {entry.seq: found.present(entry.record_id or 0) for entry in batch.entries}
    for entry in batch.entries:
        now, remote_id = seen[entry.seq], str(entry.remote_id)
        now.absence = now.absence or absences.get(remote_id)
        if remote_id in objects:
            now.properties = dict(objects[remote_id].properties)
    if batch.is_association:
        add_survivors(client, batch, seen)
        _add_companies(client, batch, seen)
        _add_unlogged(undoing, batch, seen)
    elif undoing.options.archives:
        made = [entry for entry in batch.entries if entry.outcome == CREATED and entry.remote_id in objects]
        _add_late(client, mapping, made, objects, seen)
        if kind == "companies":
            _add_others(undoing, client, made, seen)
    for entry in batch.entries:
        found.lay_over(entry.record_id or 0, seen[entry.seq])
    return seen


def _read(
    undoing: Undoing, client: HubSpotClient, kind: ObjectType, remote_ids: Sequence[str], mapping: Mapping
) -> tuple[dict[str, RemoteObject], dict[str, str], list[str]]:
    """The objects that are there, why others are not, and those that a failed call has left unread."""
    names = [item.property for _, item in mapping.outgoing]
    answer = client.batch_read(kind, remote_ids, names)
    objects, missing = dict(answer.by_key), [one for one in remote_ids if one in answer.missing_ids]
    absences = dict.fromkeys(missing, "gone_in_hubspot") | dict.fromkeys(
        answer.unreadable, "unreadable_object"
    )
    if not missing:
        return objects, absences, []
    archived = client.batch_read(kind, missing, [], archived=True)
    # What this undo archived before it was cut off; others archive objects too.
    own = archived.by_key.keys() & set(undoing.position.archiving)
    absences |= dict.fromkeys(own, "undone_archived")
    absences |= dict.fromkeys(archived.by_key.keys() & set(undoing.position.archived), LOGGED)
    unproved = [one for one in missing if one not in archived.by_key]
    for number, remote_id in enumerate(unproved):
        try:
            found = _read_alone(client, kind, remote_id, names)
        except ObjectUnreadable:
            absences[remote_id] = "unreadable_object"
        except TwinbookError:
            if remote_id == remote_ids[0]:
                raise
            return objects, absences, unproved[number:]
        else:
            if found is not None and found.id == remote_id:
                # The batch was silent about an object that is there.
                objects[remote_id] = found
                del absences[remote_id]
            elif found is not None:
                absences[remote_id] = "undo_merged_there"
    return objects, absences, []


def _complete_logs(
    undoing: Undoing, mapping: Mapping, objects: dict[str, RemoteObject], generation: int
) -> None:
    """Complete the logs of other runs about these objects, before this undo announces anything."""
    complete_seen(
        undoing.lease.services,
        undoing.lease.connection_id,
        mapping,
        [SeenObject(one.id, one.properties, one.created_at, generation) for one in objects.values()],
        read=[item.property for _, item in mapping.outgoing],
        by_run=undoing.lease.run_id,
    )


def _read_alone(
    client: HubSpotClient, kind: ObjectType, remote_id: str, names: Sequence[str]
) -> RemoteObject | None:
    """An object, or the one that it was merged into; None where there is none."""
    try:
        return client.read(kind, remote_id, names)
    except NotFound:
        return None


def _add_companies(client: HubSpotClient, batch: EntryBatch, seen: dict[int, ObjectNow]) -> None:
    here = [entry for entry in batch.entries if seen[entry.seq].absence is None]
    companies = client.associations_of([str(entry.remote_id) for entry in here])
    for entry in here:
        if str(entry.remote_id) in companies.unreadable:
            seen[entry.seq].absence = "unreadable_object"
        own = companies.get(str(entry.remote_id), [])
        seen[entry.seq].companies = [one.to_id for one in own]
        seen[entry.seq].primary = next((one.to_id for one in own if one.is_primary), None)


def _add_unlogged(undoing: Undoing, batch: EntryBatch, seen: dict[int, ObjectNow]) -> None:
    """Which companies this undo had added plainly, or taken away, before it was cut off."""
    for entry in batch.entries:
        name, before, after = (entry.changes or [])[0]
        if name == PLAIN and (str(entry.remote_id), before or after) in undoing.position.associating:
            seen[entry.seq].unlogged = [*seen[entry.seq].unlogged, (PLAIN, after or "", before or "")]


def _add_late(
    client: HubSpotClient,
    mapping: Mapping,
    made: Sequence[LogEntry],
    objects: dict[str, RemoteObject],
    seen: dict[int, ObjectNow],
) -> None:
    """Which properties, that the run had not sent, were filled after the object was made."""
    unsent = {entry.seq: _filled_unsent(mapping, entry, objects[str(entry.remote_id)]) for entry in made}
    names = sorted({mapping.property_names[name] for some in unsent.values() for name in some})
    unsure = [entry for entry in made if unsent[entry.seq]]
    for some_names in in_batches(names, _MOST_WITH_HISTORY):
        for some in in_batches(unsure, _MOST_WITH_HISTORY):
            answer = client.batch_read(
                mapping.object_type, [str(entry.remote_id) for entry in some], [], history=some_names
            )
            for entry in some:
                found = answer.by_key.get(str(entry.remote_id))
                late = _late(found, unsent[entry.seq], mapping) if found is not None else set()
                seen[entry.seq].late |= late


def _filled_unsent(mapping: Mapping, entry: LogEntry, found: RemoteObject) -> list[str]:
    sent = {change[0] for change in entry.changes or ()}
    return [
        item.field
        for _, item in mapping.outgoing
        if item.field not in sent and found.properties.get(item.property)
    ]


def _late(found: RemoteObject, fields: Sequence[str], mapping: Mapping) -> set[str]:
    history = found.properties_with_history or {}
    latest = {name: history.get(mapping.property_names[name]) for name in fields}
    return {
        name
        for name, entries in latest.items()
        if not entries
        or entries[0].timestamp is None
        or entries[0].timestamp > found.created_at + MAKING_TAKES
    }


def _add_others(
    undoing: Undoing, client: HubSpotClient, made: Sequence[LogEntry], seen: dict[int, ObjectNow]
) -> None:
    """Which companies that the run had made have contacts without a record here."""
    if not made:
        return
    contacts = client.contacts_of([str(entry.remote_id) for entry in made])
    ids = sorted({one for some in contacts.values() for one in some})
    with undoing.lease.services.database.reading() as session:
        known = undo_remote.known_contacts(session, undoing.lease.connection_id, ids)
    for entry in made:
        if str(entry.remote_id) in contacts.unreadable:
            seen[entry.seq].absence = "unreadable_object"
        seen[entry.seq].has_others = not known.issuperset(contacts.get(str(entry.remote_id), ()))
