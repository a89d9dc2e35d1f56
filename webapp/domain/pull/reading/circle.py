"""Detects a cycle in a list's pages by one remembered cursor (Brent's algorithm)."""

from msgspec import Struct


class Lap(Struct, frozen=True):
    """The remembered cursor of a list, and when it is replaced.

    Each is kept for twice as many pages as the one before, so that a circle of any length is found, in
    whichever slice, by one cursor.

    Attributes:
        cursor: that is remembered; None before the first page.
        pages: how many pages ago it was met.
        most_pages: behind how many pages another one is remembered.
    """

    cursor: str | None = None
    pages: int = 0
    most_pages: int = 1

    def behind(self, cursor: str) -> "Lap | None":
        """The memory after a page that leads to a cursor; None if that closes a cycle."""
        if cursor == self.cursor:
            return None
        pages = self.pages + 1
        if pages < self.most_pages:
            return Lap(self.cursor, pages, self.most_pages)
        return Lap(cursor, most_pages=2 * self.most_pages)
