"""Where a pull goes on, and the pages between two such places."""

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.pull.parts import number_of
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.objects import Page, RemoteObject, UnreadableObject


class Position(Struct, kw_only=True):
    """Where a pull goes on: the saved checkpoint. What stands before it is written, and nothing behind.

    Attributes:
        object_type: what is listed.
        after: the cursor of the next page; None at the beginning of a type.
        started_at: HubSpot's time when the pull began, from which on changes may have been missed.
        is_end: the last page has been applied, so that a worker killed right then does not count it twice.
        boundaries: the cursors at which the next parts begin, as far as they have been found.
        readers: how many read side by side.
        is_alone: whether one reader reads the rest of this type: it is small, or there was a doubt;
            None while nobody has looked.
    """

    object_type: ObjectType = "companies"
    after: str | None = None
    started_at: str | None = None
    is_end: bool = False
    boundaries: list[str] = []
    readers: int = 1
    is_alone: bool | None = None


class Pages(Struct):
    """Objects of one type from pages that follow each other: where the first stands, and what is behind."""

    position: Position
    results: list[RemoteObject]
    following: Position
    unreadable: list[UnreadableObject] = []


def behind(position: Position, page: Page, last: ObjectType) -> Position:
    """The position after a page, however short it was; `last` is the object type that is read last."""
    if page.after is not None:
        reached = number_of(page.after)
        ahead = [one for one in position.boundaries if reached is not None and int(one) > reached]
        return replace(position, after=page.after, boundaries=ahead)
    at_end = Position(object_type=last, started_at=position.started_at, readers=position.readers)
    if position.object_type == last:
        return replace(at_end, is_end=True)
    return replace(at_end, object_type="contacts")
