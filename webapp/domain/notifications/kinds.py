"""The kinds of notifications, and who gets them until somebody chooses otherwise."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

LOST_CONNECTION = "lost_connection"
FAILED_RECONCILE = "failed_reconcile"
MANY_HELD = "many_held"
WEEKLY_SUMMARY = "weekly_summary"

LARGEST_LIMIT = 999
"""The largest limit: pages count up to a thousand and then say `1,000+`."""


class Kind(Struct, frozen=True):
    """A kind of notification.

    Attributes:
        name: its stable name.
        is_on_at_first: whether administrators get it without having chosen so; nobody else does.
        above_at_first: of a kind with a limit, the number above which a mail goes out.
    """

    name: str
    is_on_at_first: bool
    above_at_first: int | None = None


KINDS = (
    Kind(LOST_CONNECTION, is_on_at_first=True),
    Kind(FAILED_RECONCILE, is_on_at_first=True),
    Kind(MANY_HELD, is_on_at_first=False, above_at_first=50),
    Kind(WEEKLY_SUMMARY, is_on_at_first=False),
)
"""In the order in which they are offered."""


class Choice(Struct, frozen=True):
    """A person's choice about a kind of notification, or the default.

    Attributes:
        is_on: whether mails go out.
        above: of a kind with a limit, the number above which mails go out.
        chosen_at: since when; None where nothing was chosen.
    """

    is_on: bool
    above: int | None = None
    chosen_at: datetime | None = None


def choice_of(kind: Kind, chosen: Choice | None, *, is_administrator: bool) -> Choice:
    """A person's choice, or the default where they have made none."""
    at_first = Choice(is_on=kind.is_on_at_first and is_administrator, above=kind.above_at_first)
    return chosen if chosen is not None else at_first


def choices_of(chosen: Mapping[str, Choice], *, is_administrator: bool) -> dict[str, Choice]:
    """A person's choices, by the name of the kind."""
    return {
        kind.name: choice_of(kind, chosen.get(kind.name), is_administrator=is_administrator) for kind in KINDS
    }
