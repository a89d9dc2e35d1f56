"""The parts of a list that are read side by side. Whoever uses them holds the lock of their readers."""

from collections import deque
from collections.abc import Sequence
from heapq import merge

from msgspec import Struct, field

from webapp.domain.pull.reading.parts import Cut, Remaining, next_cut, number_of
from webapp.hubspot.objects import Page


class Part(Struct, eq=False):
    """A part of a list, and what has been read of it and not been given out.

    Attributes:
        start: its first number; None for the part with which a slice begins.
        cursor: where its next page begins.
        until: where the next part begins; None for the last one, which is open upwards.
        count: how many objects are left to be read, as far as a search has counted them.
        pages: what has been read.
        is_busy: a reader is at it.
        has_begun: its first page was asked for.
        is_read: nothing is left to be read.
        error: why a reader could not read on.
    """

    start: int | None
    cursor: str | None
    until: int | None = None
    count: int | None = None
    pages: deque[Page] = field(default_factory=deque)
    is_busy: bool = False
    has_begun: bool = False
    is_read: bool = False
    error: BaseException | None = None

    @property
    def is_left(self) -> bool:
        """Whether a reader could take it up."""
        return not (self.is_busy or self.is_read or self.error is not None)

    def take_in(self, page: Page) -> None:
        """A page of it has been read."""
        self.pages.append(page)
        self.cursor = page.after
        if self.count is not None:
            self.count -= len(page.results)
        reached = number_of(page.after)
        self.is_read = reached is None or (self.until is not None and reached >= self.until)

    def take_over(self, other: "Part") -> None:
        """Go on into the next part, of which nothing could be used."""
        self.until, self.count = other.until, None
        reached = number_of(self.cursor)
        self.is_read = reached is None or (self.until is not None and reached >= self.until)


class Parts:
    """The parts of a list in their order, from the first that has not been given out."""

    def __init__(self, cursor: str | None, boundaries: Sequence[str]) -> None:
        starts = [int(one) for one in boundaries]
        ends: list[int | None] = [*starts, None]
        self._parts = [Part(None, cursor, ends[0])]
        self._parts += [Part(one, str(one), end) for one, end in zip(starts, ends[1:], strict=True)]

    def __getitem__(self, index: int) -> Part:
        return self._parts[index]

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def boundaries(self) -> list[str]:
        """The first numbers of the parts behind the first one."""
        return [str(part.start) for part in self._parts[1:]]

    @property
    def pages(self) -> int:
        """How many pages wait to be given out."""
        return sum(len(part.pages) for part in self._parts)

    @property
    def untouched(self) -> int:
        """How many parts nobody has begun to read."""
        return sum(not part.has_begun for part in self._parts)

    @property
    def last_begun(self) -> int:
        """The last part of which anything was asked for."""
        return max((index for index, part in enumerate(self._parts) if part.has_begun), default=0)

    def end_first(self) -> None:
        """All of the first part was given out."""
        del self._parts[0]

    def drop_second(self) -> None:
        """The first part goes on into the second."""
        self._parts[0].take_over(self._parts.pop(1))

    def keep_first_alone(self) -> None:
        """Nothing but the first part is of use."""
        del self._parts[1:]

    def next_cut(self) -> tuple[Part, Cut] | None:
        """The part that should be cut, and where."""
        candidates = [part for part in self._parts if not part.is_read and part.error is None]
        if not candidates:
            return None
        remaining = [Remaining(number_of(part.cursor) or 0, part.count) for part in candidates]
        cut = next_cut(remaining)
        return None if cut is None else (candidates[cut.part], cut)

    def cut(self, part: Part, cut: Cut, boundary: int | None, total: int) -> bool:
        """Cut a part where a search has found that it may be.

        Args:
            part: What is cut.
            cut: Where it was to be.
            boundary: The object that was found there; None where there are too few.
            total: How many objects the search has counted behind the cut's base.

        Returns:
            Whether the search made sense.
        """
        if boundary is not None and boundary <= cut.base:
            return False
        counted = part.count if part.until is not None and part.count is not None else total + 1
        if boundary is None:
            part.count = min(counted, cut.rank)
        elif part not in self._parts or part.is_read or not _is_within(boundary, part):
            # It has been read that far meanwhile; the same cut would come too late again.
            part.count = 0
        else:
            index = self._parts.index(part)
            new = Part(boundary, str(boundary), part.until, max(0, counted - cut.rank))
            part.until, part.count = boundary, cut.rank
            self._parts.insert(index + 1, new)
        return True


def ids_of(page: Page) -> list[str]:
    """The objects of a page in its order; those that could not be read stand where their number belongs."""
    ids = [one.id for one in page.results]
    others = [one.id for one in page.unreadable]
    if not others or any(number_of(one) is None for one in [*ids, *others]):
        return ids + others
    return list(merge(ids, sorted(others, key=int), key=int))


def beginning_of(page: Page, kept: int) -> Page:
    """The first so many objects of a page, and its cursor."""
    ids = set(ids_of(page)[:kept])
    return Page(
        [one for one in page.results if one.id in ids],
        page.after,
        [one for one in page.unreadable if one.id in ids],
    )


def _is_within(boundary: int, part: Part) -> bool:
    """Whether a part has not been read beyond a boundary, and ends behind it."""
    return (number_of(part.cursor) or 0) < boundary and (part.until is None or boundary < part.until)
