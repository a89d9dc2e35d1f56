"""The list of all objects, read ahead by as many readers as HubSpot's distance and its limit ask for."""

from collections.abc import Callable, Mapping, Sequence

from webapp.domain.pull.reading import parts
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Page
from webapp.usecases.pull.reading.empty_pages import read_surely
from webapp.usecases.pull.reading.pace import Pace
from webapp.usecases.pull.reading.position import Position
from webapp.usecases.pull.reading.read_ahead import Beside, ReadAhead
from webapp.usecases.pull.reading.readers import Reading
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.queues import is_urgent_work_waiting

# A window of the limit that others have used up is longer than other calls would wait.
_PATIENCE_S = 12.0


def reading_ahead(
    lease: Lease,
    client: HubSpotClient,
    position: Position,
    *,
    properties: Mapping[ObjectType, Sequence[str]],
    count: Callable[[ObjectType], int],
    is_over: Callable[[], bool],
    has_waiting_writer: Callable[[], bool],
) -> ReadAhead:
    """The reader of the pages from a position on; see `ReadAhead`.

    Args:
        lease: The slice.
        client: Reads as long as one reader is enough.
        position: Where it begins.
        properties: What is read of each object type; the last one is read last.
        count: How many objects of a type there are, as far as HubSpot's search knows.
        is_over: Whether nothing more should be read.
        has_waiting_writer: Whether pages are given out one by one.
    """
    pace = Pace(position.readers)

    def list_page(by: HubSpotClient, where: Position) -> Page:
        def read() -> Page:
            return by.list_page(where.object_type, properties[where.object_type], where.after)

        return read_surely(lease.services, by, lease.connection_id, where, read)

    def list_measured(where: Position) -> Page:
        page = list_page(client, where)
        pace.add(client.request_s, client.calls_per_s())
        return page

    reading = Reading(
        open_client=lambda: lease.open_client(yields=True, patience_s=_PATIENCE_S),
        list_page=list_page,
        is_over=is_over,
        has_urgent_work=lambda: is_urgent_work_waiting(lease.services),
    )
    return ReadAhead(
        list_measured,
        list(properties)[-1],
        is_over=is_over,
        has_waiting_writer=has_waiting_writer,
        beside=Beside(reading, pace, is_large=lambda kind: count(kind) > parts.LARGE),
    )
