"""Interrupted writes: whether an object, as it was read, shows that a write that is in no log took effect.

Whoever reads the object completes the log of the run that announced the write. A run that is still sending
writes its own log; others complete only what it left behind when it was cut off.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from webapp.domain.mapping.mapping import KEY_PROPERTY, Mapping
from webapp.domain.mapping.values import same_there
from webapp.domain.push.outgoing import Properties, SentChange
from webapp.domain.push.recognition.recognition import has_address, is_no_older
from webapp.domain.records.keys import email_key
from webapp.domain.records.values import same


class AnnouncedWrite(Struct, frozen=True, kw_only=True):
    """An announced create or update that is in no log.

    Attributes:
        id: the number of the announcement among those of its kind.
        run_id: the run that announced it.
        remote_id: the object that its record is linked to.
        key: of a create, the record's own key in HubSpot.
        address: of a contact to be created, its e-mail address.
        announced_at: of a create, when.
        is_in_flight: whether its run is sending at this moment.
        generation: of an update, that of our last write to its object; 0 where it is not linked.
    """

    kind: Literal["create", "update"]
    id: int
    run_id: int
    record_id: int
    changes: tuple[SentChange, ...]
    remote_id: str | None = None
    key: str | None = None
    address: str | None = None
    announced_at: datetime | None = None
    is_in_flight: bool = False
    generation: int = 0


class SeenObject(Struct, frozen=True):
    """An object as it was just read; `generation`: of our writes before the request, where it is known."""

    id: str
    properties: Properties
    created_at: datetime
    generation: int | None = None

    @property
    def key(self) -> str | None:
        """The own key of the record that it was made of."""
        return self.properties.get(KEY_PROPERTY)

    @property
    def address(self) -> str | None:
        """Its e-mail address as a look-up key."""
        return email_key(self.properties.get("email"))


class Completion(Struct, frozen=True):
    """How an announced write ended: the object and the values it took; nothing if it had no effect."""

    announced: AnnouncedWrite
    remote_id: str | None = None
    changes: tuple[SentChange, ...] = ()


def completions(
    announced: Sequence[AnnouncedWrite],
    objects: Sequence[SeenObject],
    mapping: Mapping,
    read: Collection[str],
) -> list[Completion]:
    """The results of announced writes, as far as the objects that were read show them.

    Args:
        announced: The announcements that may be about these objects.
        objects: The objects.
        mapping: The mapping in force.
        read: The names of the properties that were read.
    """
    by_id = {one.id: one for one in objects}
    found = []
    for one in announced:
        if one.is_in_flight:
            continue
        if one.kind == "create":
            made = next((seen for seen in objects if is_made_by(one, seen)), None)
            completion = Completion(one, made.id, one.changes) if made is not None else None
        else:
            target = by_id.get(one.remote_id or "")
            completion = _updated(one, target, mapping, read) if target is not None else None
        if completion is not None:
            found.append(completion)
    return found


def is_made_by(announced: AnnouncedWrite, seen: SeenObject) -> bool:
    """Whether a create has made an object: by its key, or by its address and age."""
    if announced.key is not None and seen.key == announced.key:
        return True
    is_same = announced.address is not None and has_address(seen.properties, (announced.address,))
    return is_same and seen.key is None and is_no_older(seen.created_at, announced.announced_at)


def _updated(
    announced: AnnouncedWrite, seen: SeenObject, mapping: Mapping, read: Collection[str]
) -> Completion | None:
    """The fields of an update that took effect; HubSpot applies all or none, so one field proves the rest."""
    names = mapping.property_names
    known = [change for change in announced.changes if names.get(change[0]) in read]
    if not known:
        return None
    if any(_has_taken(change, seen.properties, mapping) for change in known):
        kept = [change for change in known if _has_kept(change, seen.properties, mapping)]
        return Completion(announced, seen.id, tuple(one for one in announced.changes if one not in kept))
    if len(known) == len(announced.changes) and not _is_older(seen, announced):
        return Completion(announced)
    return None


def _is_older(seen: SeenObject, announced: AnnouncedWrite) -> bool:
    """Whether a read may be older than the write, which may have followed it."""
    return seen.generation is not None and seen.generation < announced.generation


def _has_taken(change: SentChange, properties: Properties, mapping: Mapping) -> bool:
    field, prior, text = change
    held = properties.get(mapping.property_names[field])
    return _is_same(field, held, text, mapping) and not _is_same(field, prior, text, mapping)


def _has_kept(change: SentChange, properties: Properties, mapping: Mapping) -> bool:
    field, prior, text = change
    held = properties.get(mapping.property_names[field])
    return same_there(field, held, prior, mapping) and not same_there(field, prior, text, mapping)


def _is_same(field: str, one: str | None, other: str | None, mapping: Mapping) -> bool:
    """Whether two texts say the same, as HubSpot may have rewritten one: in other capitals."""
    has_other_capitals = same((one or "").casefold(), (other or "").casefold())
    return has_other_capitals or same_there(field, one, other, mapping)
