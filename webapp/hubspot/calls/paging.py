"""Paging that comes to an end, whatever HubSpot answers."""

from webapp.hubspot.errors import MalformedAnswer

MOST_PAGES = 1_000
"""More pages than any account has of what is read at one go."""


class Cursors:
    """The cursors of one list, read at one go: none may come twice, and they may not go on for ever."""

    def __init__(self) -> None:
        self._met: set[str] = set()

    def meet(self, cursor: str) -> None:
        """Take down that a page leads there.

        Raises:
            MalformedAnswer: An earlier one did, or there are too many.
        """
        if cursor in self._met:
            raise MalformedAnswer("A page of HubSpot's leads to an earlier one.")
        if len(self._met) >= MOST_PAGES:
            raise MalformedAnswer("HubSpot's pages lead on without an end.")
        self._met.add(cursor)
