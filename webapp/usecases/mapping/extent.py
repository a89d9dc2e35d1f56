"""The number of records that a change of the mapping concerns, for who is about to save it."""

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.services import Services
from webapp.store.rules import unlinked, values


class Extent(Struct, frozen=True):
    """How many records a mapping is about.

    Attributes:
        linked: those that are linked, and synced by it.
        by_status: the active ones here, by their status; where there are very many, of the newest alone.
        is_all: whether all of these were counted.
    """

    linked: int
    by_status: dict[str, int]
    is_all: bool


def extent(services: Services, connection_id: int, object_type: ObjectType) -> Extent:
    """How many records the mapping of an object type is about."""
    with services.database.reading() as session:
        return Extent(
            unlinked.count_linked(session, connection_id, object_type),
            dict(values.of_records(session, object_type, "status")),
            values.are_all_records(session, object_type),
        )
