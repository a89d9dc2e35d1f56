"""The position of a pull, and the pages between two such positions."""

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.pull.reading.circle import Lap
from webapp.domain.pull.reading.parts import number_of
from webapp.domain.records.fields import ObjectType
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.objects import Page, RemoteObject, UnreadableObject


class Concluding(Struct, frozen=True, kw_only=True):
    """The position of a pull among what it holds, at the end of an object type.

    Attributes:
        object_type: the type; all of it was read.
        after: the log entry behind which the next ones are.
        is_linking: whether it links what is certain; else it looks again at what was answered.
        has_moved: whether anything was linked since the first entry.
        last_match: the last entry that links anything; looking again adds none. None until it is known.
    """

    object_type: ObjectType
    after: int = 0
    is_linking: bool = False
    last_match: int | None = None
    has_moved: bool = False


class Position(Struct, kw_only=True):
    """The position of a pull: the saved checkpoint. The pages before it are written, and none behind.

    Attributes:
        object_type: what is listed.
        after: the cursor of the next page; None at the beginning of a type.
        started_at: HubSpot's time when the pull began, from which on changes may have been missed.
        is_end: the last page has been applied, so that a worker killed right then does not count it twice.
        boundaries: the cursors at which the next parts begin, as far as they have been found.
        readers: how many read side by side.
        is_alone: whether one reader reads the rest of this type: it is small, or there was a doubt;
            None while nobody has looked.
        lap: the cursor by which a list that goes round in a circle is recognised.
        concluding: where it is among what it holds, before it goes on with the next type or ends.
    """

    object_type: ObjectType = "companies"
    after: str | None = None
    started_at: str | None = None
    is_end: bool = False
    boundaries: list[str] = []
    readers: int = 1
    is_alone: bool | None = None
    lap: Lap = Lap()
    concluding: Concluding | None = None


class Pages(Struct):
    """Objects of one type from pages that follow each other: where the first stands, and what is behind."""

    position: Position
    results: list[RemoteObject]
    following: Position
    unreadable: list[UnreadableObject] = []


def behind(position: Position, page: Page, last: ObjectType) -> Position:
    """The position after a page, however short it was; `last` is the object type that is read last.

    Raises:
        MalformedAnswer: The page leads to an earlier one: the list would never end. The run waits, and goes
            on from what was written.
    """
    if page.after is not None:
        lap = position.lap.behind(page.after)
        if lap is None:
            raise MalformedAnswer("A page of HubSpot's list leads to an earlier one.")
        reached = number_of(page.after)
        ahead = [one for one in position.boundaries if reached is not None and int(one) > reached]
        return replace(position, after=page.after, boundaries=ahead, lap=lap)
    at_end = Position(object_type=last, started_at=position.started_at, readers=position.readers)
    if position.object_type == last:
        return replace(at_end, is_end=True)
    return replace(at_end, object_type="contacts")
