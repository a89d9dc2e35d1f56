"""What people typed here, which has to reach HubSpot unless somebody has overwritten it since."""

from __future__ import annotations

from tests.support.invariants.laws import Picture
from tests.support.invariants.world import Thing, World
from webapp.domain.links.base import COMPANY
from webapp.domain.records.fields import ObjectType


class TypedHere:
    """The values that were typed into linked records, whose fields nobody changed in HubSpot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._values: dict[tuple[ObjectType, str, str], str] = {}

    def add(self, kind: ObjectType, record: Thing, field: str, value: str) -> None:
        """Somebody has typed a value; a blank one is not sent."""
        self.forget(kind, record.id, field)
        if value and self._is_linked_and_in_step(kind, record.id, field):
            self._values[kind, record.id, field] = value

    def forget(self, kind: ObjectType, record_id: str, field: str) -> None:
        """This field may hold something else now."""
        self._values.pop((kind, record_id, field), None)

    def forget_object(self, kind: ObjectType, remote_id: str, field: str) -> None:
        """Somebody has changed this field in HubSpot."""
        for link in self._world.links(kind):
            if link.remote_id == remote_id:
                self.forget(kind, str(link.record_id), field)

    def forget_all(self) -> None:
        """Everything may be overwritten, as by a pull."""
        self._values.clear()

    def check(self, picture: Picture) -> None:
        """Everything that was typed is on both sides, where its record has an object.

        Raises:
            AssertionError: it is not.
        """
        for (kind, record_id, field), value in self._values.items():
            remote_id, state = picture.links[kind].get(record_id, ("", ""))
            sendable = _there(picture, field, value)
            if state != "linked" or sendable is None:
                continue
            local = next(one for one in picture.here[kind] if one.id == record_id)
            remote = next(one for one in picture.there[kind] if one.id == remote_id)
            found = _value(local, field), _value(remote, field)
            assert found == (value, sendable), f"{kind} {record_id} {field}: {found}, not {value, sendable}"

    def _is_linked_and_in_step(self, kind: ObjectType, record_id: str, field: str) -> bool:
        """Whether HubSpot holds what it held after the last sync, so that no later change there counts."""
        link = next((one for one in self._world.links(kind) if str(one.record_id) == record_id), None)
        if link is None:
            return False
        if field != COMPANY:
            # What is typed while an object is gone is sent once it is linked again.
            return self._world.kept_there(kind, link.remote_id)[field] == link.remote_seen.get(field)
        remote = next((one for one in self._world.there(kind) if one.id == link.remote_id), None)
        return remote is not None and remote.company == link.remote_seen.get(field)


def _value(thing: Thing, field: str) -> str | None:
    return thing.company if field == COMPANY else thing.values[field]


def _there(picture: Picture, field: str, value: str) -> str | None:
    """What HubSpot has to hold for a value here; None while it does not have the company."""
    if field != COMPANY:
        return value
    remote_id, state = picture.links["companies"].get(value, ("", ""))
    is_there = any(one.id == remote_id for one in picture.there["companies"])
    return remote_id if state == "linked" and is_there else None
