"""The readers of one list: each reads the next page of a part, or searches for where a part can be cut."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Condition, Thread

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.pull.reading.parts import Cut, number_of
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import Page
from webapp.usecases.pull.reading.pace import Pace
from webapp.usecases.pull.reading.part import Part, Parts
from webapp.usecases.pull.reading.position import Position

MOST_WAITING = 48
"""Pages that are held in memory until those before them are given out."""
_MOST_OF_FRONT = 16

ClientOf = Callable[[], HubSpotClient]
Job = Callable[[ClientOf], None]


class Reading(Struct, frozen=True):
    """How pages are read.

    Attributes:
        open_client: opens a client for one more reader.
        list_page: reads the page at a position.
        is_over: whether the slice is over.
        has_urgent_work: whether work that goes before waits for this worker.
    """

    open_client: Callable[[], HubSpotClient]
    list_page: Callable[[HubSpotClient, Position], Page]
    is_over: Callable[[], bool]
    has_urgent_work: Callable[[], bool]


class Readers:
    """Threads that fill the parts of a list. What they share is changed under `changed` alone.

    A slice that is over closes the gaps between what has been read already. Where somebody waits for the
    worker it leaves them, and what was read behind them is read again.

    Args:
        reading: How pages are read.
        pace: How many readers there are, and how fast.
        position: Where the list begins.
    """

    def __init__(self, reading: Reading, pace: Pace, position: Position) -> None:
        self.changed = Condition()
        self.parts = Parts(position.after, position.boundaries)
        self.is_closed = False
        self._reading = reading
        self._pace = pace
        self._position = position
        self._threads: list[Thread] = []
        self._may_cut = True
        self._is_searching = self._has_begun = False
        self._next_begin_s = 0.0

    def start(self) -> None:
        """Add the readers that are missing."""
        while len(self._threads) < self._pace.readers:
            thread = Thread(
                target=self._read_on,
                args=(len(self._threads),),
                name=f"reader-{len(self._threads)}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """End the readers, once their calls have been answered."""
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()
        for thread in self._threads:
            thread.join()

    def may_read(self, index: int) -> bool:
        """Whether a reader takes a part up; ask under `changed`."""
        part = self.parts[index]
        if self.is_closed or not part.is_left:
            return False
        if self._reading.is_over():
            is_gap = index < self.parts.last_begun and not self._reading.has_urgent_work()
            return is_gap or not self._has_begun
        if index == 0:
            return len(part.pages) < _MOST_OF_FRONT
        return self.parts.pages < MOST_WAITING

    def _read_on(self, number: int) -> None:
        """The work of one reader until nothing is left to do."""
        opened: list[HubSpotClient] = []

        def own_client() -> HubSpotClient:
            if not opened:
                opened.append(self._reading.open_client())
            return opened[0]

        while (job := self._next_job(number)) is not None:
            job(own_client)

    def _next_job(self, number: int) -> Job | None:
        with self.changed:
            while not self.is_closed:
                job = self._job() if number < self._pace.readers else None
                if job is not None:
                    return job
                self.changed.wait()
        return None

    def _job(self) -> Job | None:
        found = self._next_cut()
        if found is not None:
            self._is_searching = True
            return partial(self._search, *found)
        for index in range(len(self.parts)):
            if self.may_read(index):
                part = self.parts[index]
                part.is_busy = part.has_begun = self._has_begun = True
                return partial(self._read, part, self._begin_s())
        return None

    def _next_cut(self) -> tuple[Part, Cut] | None:
        """One at a time, for as long as there is not a fresh part for each reader."""
        is_rich = self.parts.untouched >= self._pace.readers
        if is_rich or self._is_searching or not self._may_cut or self._reading.is_over():
            return None
        return self.parts.next_cut()

    def _begin_s(self) -> float:
        """When the next page may be asked for."""
        begin_s = max(time.monotonic(), self._next_begin_s)
        self._next_begin_s = begin_s + self._pace.gap_s
        return begin_s

    def _read(self, part: Part, begin_s: float, client_of: ClientOf) -> None:
        """Read a part's next page."""
        page: Page | None = None
        error: BaseException | None = None
        time.sleep(max(0.0, begin_s - time.monotonic()))
        try:
            client = client_of()
            page = self._reading.list_page(client, replace(self._position, after=part.cursor))
            self._pace.add(client.request_s, client.calls_per_s())
        except BaseException as raised:  # noqa: BLE001 - raised again where the page is waited for
            error = raised
        with self.changed:
            part.is_busy, part.error = False, error
            if page is not None and error is None:
                part.take_in(page)
            self.changed.notify_all()

    def _search(self, part: Part, cut: Cut, client_of: ClientOf) -> None:
        """Cut a part at an object that a search finds; after a search without an answer nothing is cut."""
        found: tuple[int | None, int] | None = None
        # Whatever it was, the reader is needed for other things; who reads the part meets it again.
        with suppress(Exception):
            found = found_at(client_of(), self._position.object_type, cut)
        with self.changed:
            self._is_searching = False
            self._may_cut = found is not None and self.parts.cut(part, cut, *found)
            self.changed.notify_all()


def found_at(client: HubSpotClient, object_type: str, cut: Cut) -> tuple[int | None, int]:
    """The object that is to begin the new part, and how many there are behind the cut's base."""
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": str(cut.base)}
    page = client.search(
        object_type,
        [{"filters": [beyond]}],
        sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        limit=1,
        after=str(cut.rank - 1),
    )
    return (number_of(page.results[0].id) if page.results else None), page.total
