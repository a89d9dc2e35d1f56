"""The values that a merge in HubSpot would keep, from what HubSpot holds at this moment."""

from contextlib import closing

from msgspec import Struct

from webapp.domain.duplicates.kept_by_hubspot import KeptProperty, kept_by_hubspot
from webapp.domain.records.fields import ObjectType
from webapp.errors import RefusedError, TwinbookError
from webapp.services import Services
from webapp.store.duplicates import sides
from webapp.store.mapping import mappings
from webapp.usecases.connection import portal
from webapp.usecases.connection.required import require_connection

_LINKED = "linked"


class ForeseenMerge(Struct, frozen=True):
    """The values that HubSpot would keep.

    Attributes:
        primary: the object whose values win.
        others: those that are merged into it.
        kept: the mapped properties in which they differ.
        fields: the field of each of them.
    """

    primary: str
    others: list[str]
    kept: list[KeptProperty]
    fields: dict[str, str]


def foresee(services: Services, object_type: ObjectType, stays: int, others: list[int]) -> ForeseenMerge:
    """The values that HubSpot would keep of these records' objects.

    Raises:
        RefusedError: `not_connected`; `not_all_linked`, not each of them is linked; `object_gone`;
            `not_foreseen`, HubSpot does not answer.
    """
    with services.database.reading() as session:
        connection = require_connection(session)
        found = sides.read(session, object_type, [stays, *others], connection.id)
        mapping = mappings.load(session, connection.id, object_type)
    ids = [
        found[one].remote_id for one in (stays, *others) if one in found and found[one].link_state == _LINKED
    ]
    objects = [one for one in ids if one is not None]
    if len(objects) != len(others) + 1 or not others:
        raise RefusedError("not_all_linked")
    try:
        with closing(portal.open_client(services, connection.id, is_urgent=True)) as client:
            answer = client.batch_read(object_type, objects, mapping.properties)
    except TwinbookError as error:
        raise RefusedError("not_foreseen") from error
    by_id = {one.id: one.properties for one in answer.results}
    if set(by_id) != set(objects):
        raise RefusedError("object_gone")
    fields = {item.property: item.field for item in mapping.fields}
    mapped = [{name: by_id[one].get(name) for name in fields} for one in objects]
    return ForeseenMerge(objects[0], objects[1:], kept_by_hubspot(mapped[0], mapped[1:]), fields)
