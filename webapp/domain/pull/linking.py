"""When the objects of a page are linked to the records that they certainly are."""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from webapp.domain.matching.match import Match


class When(Enum):
    """When a certain match is linked.

    In a pull of everything it waits until all objects of the type have been decided about, by the book as it
    was before: else what is linked early would decide which records a crowded key brings to a later page.
    """

    AT_ONCE = "at_once"
    ADDRESSED_AT_ONCE = "addressed_at_once"
    """Contacts with a record's own e-mail address at once, which HubSpot gives to one alone; others later."""
    CHOSEN = "chosen"
    """Nothing but what was chosen among all that wait."""


class Linking(Struct, frozen=True):
    """How the objects of a page are linked; `chosen` are records by object."""

    when: When = When.AT_ONCE
    chosen: Mapping[str, int] = {}

    @property
    def is_at_once(self) -> bool:
        """Whether the page is planned for good."""
        return self.when is When.AT_ONCE

    def waits(self, remote_id: str, match: Match, *, is_addressed: bool, is_crowded: bool) -> bool:
        """Whether an object's match, or that there is none, is left to the end of the type.

        Where a key is crowded, what it brings is not to depend on what has been linked so far.
        """
        if match.record_id is not None and match.record_id == self.chosen.get(remote_id):
            return False
        if self.when is When.ADDRESSED_AT_ONCE:
            return not is_addressed if match.kind == "certain" else is_crowded
        return self.when is When.CHOSEN and match.kind == "certain"

    def asks_again(self, *, is_crowded: bool) -> bool:
        """Whether what waits is decided about once more before any of it is linked."""
        return self.when is When.ADDRESSED_AT_ONCE and is_crowded


AT_ONCE = Linking()

DOUBTFUL = "doubtful_match"
"""The reason of a held object that may be one record, or waits to be linked to it."""

CROWDED = "crowded"
"""The mark of a held object of which a key may have brought too few records."""

ODDS = "odds"
"""Of an object that waits to be linked: how much alike it is to its record."""

ASKED_AGAIN = "asked_again"
"""The mark of an object about which nothing was decided yet."""
