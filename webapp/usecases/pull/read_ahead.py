"""The pages of a list, read one after the other by a thread of its own while the caller writes those before.

Where writing is the slower side, the pages that have been read meanwhile are given out together: one
transaction for several of them costs far less than one for each. HubSpot's own limit lets no page wait, so
that under it every page is written as soon as it is read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, Self, TypeVar

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.objects import Page, RemoteObject, UnreadableObject

P = ParamSpec("P")
R = TypeVar("R")

# Each is held in memory until it is written, and more would save little and keep others waiting longer.
_MOST_AHEAD = 16
# So many pages are written one by one after somebody had to wait: what comes from outside comes in bursts.
_ALONE_AFTER_A_WAIT = 8


class Position(Struct, kw_only=True):
    """Where a pull goes on: the saved checkpoint.

    `started_at` is HubSpot's time when the pull began, from which on changes may have been missed. `is_end`
    says that the last page has been applied, so that a worker killed right then does not count it twice.
    """

    object_type: ObjectType = "companies"
    after: str | None = None
    started_at: str | None = None
    is_end: bool = False


class Pages(Struct):
    """Objects of one type from pages that follow each other: where the first stands, and what is behind."""

    position: Position
    results: list[RemoteObject]
    following: Position
    unreadable: list[UnreadableObject] = []


class ReadAhead:
    """Reads from a position on, for as long as it is to go on; its thread is the only one that calls HubSpot.

    Args:
        list_page: Reads the page at a position.
        last: The object type that is read last.
        is_over: Whether nothing more should be read; what has been read is given out all the same.
        has_waiting_writer: Whether another writer waits, which should not wait for several pages.
    """

    def __init__(
        self,
        list_page: Callable[[Position], Page],
        last: ObjectType,
        *,
        is_over: Callable[[], bool],
        has_waiting_writer: Callable[[], bool],
    ) -> None:
        self._list_page = list_page
        self._last = last
        self._is_over = is_over
        self._has_waiting_writer = has_waiting_writer
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._next: Position | None = None
        self._met: set[tuple[ObjectType, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Have the thread do something else in between; a client serves one thread at a time."""
        return self._thread.submit(function, *args, **kwargs).result()

    def pages(self, position: Position) -> Iterator[Pages]:
        """What there is from a position on; several pages at once where they have been read already."""
        self._next = None if position.is_end else position
        return self._given(deque(self._thread.submit(self._read) for _ in range(_MOST_AHEAD)))

    def _given(self, in_flight: deque[Future[Pages | None]]) -> Iterator[Pages]:
        alone = 0
        while (read := self._taken(in_flight)) is not None:
            alone = _ALONE_AFTER_A_WAIT if self._has_waiting_writer() else alone - 1
            yield read if alone > 0 else self._joined(read, in_flight)

    def _joined(self, read: Pages, in_flight: deque[Future[Pages | None]]) -> Pages:
        """A page with those behind it that have been read already."""
        for _ in range(_MOST_AHEAD - 1):
            more = in_flight[0].result() if in_flight[0].done() and not in_flight[0].exception() else None
            if more is None or not _may_join(read, more):
                break
            self._taken(in_flight)
            read = Pages(
                read.position,
                [*read.results, *more.results],
                more.following,
                [*read.unreadable, *more.unreadable],
            )
        return read

    def _taken(self, in_flight: deque[Future[Pages | None]]) -> Pages | None:
        """The next page, while another one is read in its place."""
        read = in_flight.popleft().result()
        in_flight.append(self._thread.submit(self._read))
        return read

    def _read(self) -> Pages | None:
        """The next page; None behind the last one, and behind one that could not be read."""
        position, self._next = self._next, None
        if position is None:
            return None
        page = self._list_page(position)
        self._check_cursor(position, page)
        following = _behind(position, page, self._last)
        if not following.is_end and not self._is_over():
            self._next = following
        return Pages(position, page.results, following, page.unreadable)

    def _check_cursor(self, position: Position, page: Page) -> None:
        """Refuse a page that leads back to an earlier one: the list would never end.

        Raises:
            MalformedAnswer: It does; the run waits, and goes on from what was written.
        """
        if page.after is None:
            return
        if (position.object_type, page.after) in self._met:
            raise MalformedAnswer("A page of HubSpot's list leads to an earlier one.")
        self._met.add((position.object_type, page.after))


def _behind(position: Position, page: Page, last: ObjectType) -> Position:
    """The position after a page, however short it was; `last` is the object type that is read last."""
    if page.after is not None:
        return Position(object_type=position.object_type, after=page.after, started_at=position.started_at)
    if position.object_type != last:
        return Position(object_type="contacts", started_at=position.started_at)
    return Position(object_type=last, started_at=position.started_at, is_end=True)


def _may_join(read: Pages, more: Pages) -> bool:
    """Whether a page may be written together with those before it.

    One with the same objects again, or with a merge, is planned after those before it are written.
    """
    is_same_type = more.position.object_type == read.position.object_type
    return is_same_type and not _ids(read.results) & _ids(more.results)


def _ids(objects: Sequence[RemoteObject]) -> set[str]:
    return {number for one in objects for number in (one.id, *one.merged_ids)}
