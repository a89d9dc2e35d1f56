"""The list of all objects, read ahead by as many readers as HubSpot's distance and its limit ask for."""

from collections.abc import Callable, Mapping, Sequence

from webapp.domain.pull.facts import Remote
from webapp.domain.pull.reading import parts
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.usecases.pull.look import as_remotes, as_unreadable
from webapp.usecases.pull.reading.pace import Pace
from webapp.usecases.pull.reading.position import Listed, Position
from webapp.usecases.pull.reading.read_ahead import Beside, ReadAhead
from webapp.usecases.pull.reading.readers import Reading
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.queues import is_urgent_work_waiting

# A window of the limit that others have used up is longer than other calls would wait.
_PATIENCE_S = 12.0

Prepare = Callable[[ObjectType, Sequence[Remote]], None]
"""What a reader does with the objects of a page; nothing of it may be missed where it fails."""


def _leave_as_they_are(_: ObjectType, __: Sequence[Remote]) -> None:
    """Prepare nothing."""


def reading_ahead(
    lease: Lease,
    client: HubSpotClient,
    position: Position,
    *,
    properties: Mapping[ObjectType, Sequence[str]],
    count: Callable[[ObjectType], int],
    is_over: Callable[[], bool],
    has_waiting_writer: Callable[[], bool],
    generation: int | None = None,
    prepare: Prepare = _leave_as_they_are,
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
        generation: That of our writes before the first page is asked for.
        prepare: What a reader does with a page, while the caller writes those before.
    """
    pace = Pace(position.readers)

    def list_page(by: HubSpotClient, where: Position) -> Listed:
        page = by.list_page(where.object_type, properties[where.object_type], where.after)
        remotes = as_remotes(page.results, generation)
        prepare(where.object_type, remotes)
        return Listed(remotes, page.after, as_unreadable(page.unreadable))

    def list_measured(where: Position) -> Listed:
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
