"""Several readers of one list: parts of it are read at once, and given out in the list's own order.

What has been read behind the front part is used only when that has ended, and its own list leads to the first
object of the next part. Everything before is complete by then, so that a doubt costs what was read ahead and
nothing else, and no outcome depends on which part was read first.
"""

import structlog
from msgspec.structs import replace

from webapp.domain.pull.reading.parts import Doubt, Stretch, doubt_at_seam, judged, number_of
from webapp.domain.records.fields import ObjectType
from webapp.errors import TwinbookError
from webapp.hubspot.objects import Page
from webapp.usecases.pull.reading.pace import Pace
from webapp.usecases.pull.reading.part import beginning_of, ids_of
from webapp.usecases.pull.reading.position import Pages, Position, behind
from webapp.usecases.pull.reading.readers import Readers, Reading

# A slice ends by the clock, of which nobody is told.
_LOOK_AGAIN_S = 0.2

_log = structlog.get_logger()


class SideBySide:
    """Gives one object type out from a position on, until its end, a doubt, or the end of the slice.

    Args:
        reading: How pages are read.
        pace: How many readers there are.
        position: Where to begin.
        last: The object type that is read last.
    """

    def __init__(self, reading: Reading, pace: Pace, position: Position, last: ObjectType) -> None:
        self._readers = Readers(reading, pace, position)
        self._parts = self._readers.parts
        self._pace = pace
        self._position = position
        self._last = last
        self._behind = (number_of(position.after) or 0) - 1
        self._peeked: Pages | None = None
        self._is_at_end = False

    def take(self) -> Pages | None:
        """The next page; None where nothing more is read.

        Raises:
            Exception: What kept a reader from reading on; the page before was given out.
        """
        taken, self._peeked = self._peeked or self._next(waits=True), None
        return taken

    def ready(self) -> Pages | None:
        """The page that `take` will give, where it need not wait for it."""
        self._peeked = self._peeked or self._next(waits=False)
        return self._peeked

    def close(self) -> None:
        """End the readers."""
        self._readers.close()

    def _next(self, *, waits: bool) -> Pages | None:
        self._readers.start()
        with self._readers.changed:
            while not self._is_at_end:
                given = self._given(waits=waits)
                if given is not None:
                    self._readers.changed.notify_all()
                    return given
                if not (waits and self._is_more_to_come()):
                    return None
                self._readers.changed.wait(_LOOK_AGAIN_S)
        return None

    def _is_more_to_come(self) -> bool:
        """Whether waiting helps.

        Raises:
            Exception: What kept the front part from being read on.
        """
        front = self._parts[0]
        if front.error is not None and not front.pages:
            raise front.error
        return front.is_busy or bool(front.pages) or self._readers.may_read(0)

    def _given(self, *, waits: bool) -> Pages | None:
        """The front part's next page, once it is proved to be the next one of the list."""
        front = self._parts[0]
        if not front.pages:
            return None
        page = front.pages[0]
        shown = judged(ids_of(page), page.after, behind=self._behind, until=front.until)
        if not isinstance(shown, Stretch):
            return self._given_alone(page, shown)
        if shown.following is None:
            front.pages.popleft()
            self._is_at_end = page.after is None
            return self._moved(page, behind(self._here(), page, self._last))
        if self._parts[1].pages:
            return self._given_to_seam(page, shown.kept, shown.following)
        return self._given_without_next(page, waits=waits)

    def _given_to_seam(self, page: Page, kept: int, following: int) -> Pages:
        """A part's last page; with it the next part becomes the front, or is proved not to begin there."""
        new = self._parts[1]
        doubt = doubt_at_seam(following, ids_of(new.pages[0]), boundary=new.start or 0)
        if doubt is not None:
            return self._given_alone(page, doubt)
        self._parts.end_first()
        return self._moved(beginning_of(page, kept), replace(self._here(), after=str(following)))

    def _given_without_next(self, page: Page, *, waits: bool) -> Pages | None:
        """A part's last page, while nothing has been read of the next part; None where that is waited for."""
        new = self._parts[1]
        if new.is_busy or self._readers.may_read(1):
            return None
        if isinstance(new.error, TwinbookError) and not new.error.retryable:
            return self._given_alone(page, "refused")
        if not waits:
            return None
        # Nobody will read it: the list itself leads into it.
        self._parts.drop_second()
        return self._given(waits=waits)

    def _given_alone(self, page: Page, doubt: Doubt) -> Pages:
        """A page as one reader takes it, who goes on with the list from there."""
        _log.warning("read_alone", object_type=self._position.object_type, doubt=doubt)
        self._parts.keep_first_alone()
        self._is_at_end = self._readers.is_closed = True
        following = behind(self._here(), page, self._last)
        return self._moved(page, replace(following, is_alone=True if page.after is not None else None))

    def _moved(self, page: Page, following: Position) -> Pages:
        self._behind = max([self._behind, *(number_of(one) or 0 for one in ids_of(page)[-1:])])
        given = Pages(self._position, page.results, following, page.unreadable)
        self._position = following
        return given

    def _here(self) -> Position:
        return replace(self._position, boundaries=self._parts.boundaries, readers=self._pace.readers)
