"""The pages of a list, read by threads of their own while the caller writes those before.

One reader begins. Where the caller waits for nearly every page, since HubSpot is far away, several readers
take over, unless the list is short or gives reason to doubt.

Where writing is the slower side, the pages that have been read meanwhile are given out together: one
transaction for several of them costs far less than one for each. HubSpot's own limit lets no page wait, so
that under it every page is written as soon as it is read.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.pull.reading.parts import number_of
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.objects import Page, RemoteObject
from webapp.usecases.pull.reading.pace import Pace
from webapp.usecases.pull.reading.position import Pages, Position, behind
from webapp.usecases.pull.reading.readers import Reading
from webapp.usecases.pull.reading.side_by_side import SideBySide

P = ParamSpec("P")
R = TypeVar("R")

# Each is held in memory until it is written, and more would save little and keep others waiting longer.
_MOST_AHEAD = 16
# So many pages are written one by one after somebody had to wait: what comes from outside comes in bursts.
_ALONE_AFTER_A_WAIT = 8
# A caller who waited for so many of the pages so far is kept waiting by the distance.
SHARE_WAITED_FOR = 0.75


class Beside(Struct, frozen=True):
    """The limits and the pace of further readers beside this one.

    Attributes:
        reading: how they read.
        pace: how many are needed.
        is_large: whether a type is worth several readers.
    """

    reading: Reading
    pace: Pace
    is_large: Callable[[ObjectType], bool]


class ReadAhead:
    """Reads from a position on, for as long as it is to go on.

    Args:
        list_page: Reads the page at a position; called by one thread.
        last: The object type that is read last.
        is_over: Whether nothing more should be read; what has been read is given out all the same.
        has_waiting_writer: Whether another writer waits, which should not wait for several pages.
        beside: What further readers need; without it there are none.
    """

    def __init__(
        self,
        list_page: Callable[[Position], Page],
        last: ObjectType,
        *,
        is_over: Callable[[], bool],
        has_waiting_writer: Callable[[], bool],
        beside: Beside | None = None,
    ) -> None:
        self._list_page = list_page
        self._last = last
        self._is_over = is_over
        self._has_waiting_writer = has_waiting_writer
        self._beside = beside
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._open: _OneReader | SideBySide | None = None
        self._alone = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open is not None:
            self._open.close()
        self._thread.shutdown(cancel_futures=True)

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Have the thread do something else in between; a client serves one thread at a time."""
        return self._thread.submit(function, *args, **kwargs).result()

    def pages(self, position: Position) -> Iterator[Pages]:
        """The pages from a position on; several at once where they have been read already."""
        return self._given(self._source(position), position)

    def _given(self, source: "_OneReader | SideBySide", position: Position) -> Iterator[Pages]:
        while True:
            while (read := source.take()) is not None:
                self._alone = _ALONE_AFTER_A_WAIT if self._has_waiting_writer() else self._alone - 1
                given = read if self._alone > 0 else _joined(read, source)
                position = given.following
                yield given
            source.close()
            if position.is_end or self._is_over():
                return
            source = self._source(position)

    def _source(self, position: Position) -> "_OneReader | SideBySide":
        """The reader from a position on: several at once where they are needed and allowed."""
        self._open = self._chosen(position)
        return self._open

    def _chosen(self, position: Position) -> "_OneReader | SideBySide":
        if self._beside is None:
            return self._one_reader(position)
        readers = max(position.readers, self._beside.pace.readers)
        if readers == 1 or position.is_alone or position.is_end:
            return self._one_reader(position)
        if not self._may_be_shared(self._beside, position):
            return self._one_reader(replace(position, is_alone=True))
        shared = replace(position, readers=readers, is_alone=False)
        return SideBySide(self._beside.reading, self._beside.pace, shared, self._last)

    def _may_be_shared(self, beside: Beside, position: Position) -> bool:
        if position.after is not None and number_of(position.after) is None:
            return False
        return position.is_alone is False or self.call(beside.is_large, position.object_type)

    def _one_reader(self, position: Position) -> "_OneReader":
        pace = self._beside.pace if self._beside is not None else None
        return _OneReader(
            self._thread, self._list_page, position, self._last, is_over=self._is_over, pace=pace
        )


class _OneReader:
    """Reads one page after the other, until it is over or more readers are needed."""

    def __init__(
        self,
        thread: ThreadPoolExecutor,
        list_page: Callable[[Position], Page],
        position: Position,
        last: ObjectType,
        *,
        is_over: Callable[[], bool],
        pace: Pace | None,
    ) -> None:
        self._thread = thread
        self._list_page = list_page
        self._last = last
        self._is_over = is_over
        self._pace = pace
        self._next: Position | None = None if position.is_end else position
        self._taken = self._waited_for = 0
        self._in_flight = deque(self._thread.submit(self._read) for _ in range(_MOST_AHEAD))

    def take(self) -> Pages | None:
        """The next page, while another one is read in its place."""
        first = self._in_flight.popleft()
        self._taken += 1
        self._waited_for += not first.done()
        read = first.result()
        self._in_flight.append(self._thread.submit(self._read))
        return read

    def ready(self) -> Pages | None:
        """The page that `take` will give, where it has been read already."""
        first: Future[Pages | None] = self._in_flight[0]
        return first.result() if first.done() and not first.exception() else None

    def close(self) -> None:
        """What has not begun does not begin."""
        for one in self._in_flight:
            one.cancel()

    def _read(self) -> Pages | None:
        """The next page; None behind the last one, and behind one that could not be read."""
        position, self._next = self._next, None
        if position is None:
            return None
        page = self._list_page(position)
        following = behind(position, page, self._last)
        if self._needs_others(position):
            following = replace(following, readers=self._pace.readers if self._pace else 1)
        elif not following.is_end and not self._is_over():
            self._next = following
        return Pages(position, page.results, following, page.unreadable)

    def _needs_others(self, position: Position) -> bool:
        """Whether the caller waits for the pages, and several readers would bring them sooner."""
        if self._pace is None or self._pace.readers == 1 or position.is_alone:
            return False
        return self._waited_for >= SHARE_WAITED_FOR * self._taken


def _joined(read: Pages, source: _OneReader | SideBySide) -> Pages:
    """A page with those behind it that have been read already.

    One with the same objects again, or with a merge, is planned after those before it are written.
    """
    results, unreadable, known = [*read.results], [*read.unreadable], _ids(read.results)
    following = read.following
    for _ in range(_MOST_AHEAD - 1):
        more = source.ready()
        if more is None or more.position.object_type != read.position.object_type:
            break
        ids = _ids(more.results)
        if not known.isdisjoint(ids):
            break
        source.take()
        results += more.results
        unreadable += more.unreadable
        known |= ids
        following = more.following
    return Pages(read.position, results, following, unreadable)


def _ids(objects: Sequence[RemoteObject]) -> set[str]:
    return {number for one in objects for number in (one.id, *one.merged_ids)}
