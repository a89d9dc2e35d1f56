"""A page without objects is no end as long as HubSpot has objects where it stands."""

from collections.abc import Callable
from math import inf

from webapp.domain.pull.reading.parts import number_of
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.batches import MOST_INPUTS
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.objects import Page
from webapp.services import Services
from webapp.store.links import facts
from webapp.usecases.pull.reading.position import Position

_OF_EACH = MOST_INPUTS // 2


def read_surely(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    position: Position,
    read: Callable[[], Page],
) -> Page:
    """A page; one that is empty where it should not be is read once more.

    Args:
        services: What it works with.
        client: Asks what is there.
        connection_id: Whose list.
        position: Where the page begins.
        read: Reads the page.

    Raises:
        MalformedAnswer: It is empty again: the run waits, and reads it later.
    """
    start = number_of(position.after or "0")
    kind = position.object_type
    for _ in range(2):
        page = read()
        if page.results or page.unreadable:
            return page
        until = number_of(page.after)
        is_provable = start is not None and (until is not None or page.after is None)
        if is_provable and not _has_objects(
            services, client, connection_id, kind, start=start or 0, until=until
        ):
            return page
    if page.after is None and not is_provable:
        # Nothing tells what would be behind a cursor that is no number.
        return page
    raise MalformedAnswer("A page of HubSpot's list is empty, and yet there are objects.")


def _has_objects(
    services: Services,
    client: HubSpotClient,
    connection_id: int,
    kind: ObjectType,
    *,
    start: int,
    until: int | None,
) -> bool:
    """Whether there are objects from one number on, before another.

    Those that a search finds, which lags, and those that are linked may be gone: they are read by id.
    """
    filters = [{"propertyName": "hs_object_id", "operator": "GTE", "value": str(start)}]
    if until is not None:
        filters.append({"propertyName": "hs_object_id", "operator": "LT", "value": str(until)})
    found = client.search(kind, [{"filters": filters}], limit=_OF_EACH)
    with services.database.reading() as session:
        linked = facts.linked_from(session, connection_id, kind, str(start), _OF_EACH)
    ids = list(dict.fromkeys([*(one.id for one in found.results), *linked]))
    if not ids:
        return found.total > 0
    there = [number_of(one.id) for one in client.batch_read(kind, ids, []).results]
    return any(one is not None and start <= one < (until or inf) for one in there)
