"""The queue of what needs a person: what is held, here and in HubSpot, what fails, and what was not imported.

All of it stands in one order, source after source and in each by age, so that it can be gone through page by
page and one after the other, even while things are decided.
"""

from collections.abc import Sequence
from typing import Any, Literal

from flask import request, url_for
from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.held.together import is_decided_with_others
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.store.database.pages import Number, Page, Text, cursor, place_of
from webapp.store.failing import failures
from webapp.store.held import objects as held_objects
from webapp.store.held import records as held_records
from webapp.store.held.objects import Group
from webapp.text.reasons import REASONS
from webapp.text.records.records import called
from webapp.web.addresses import row_number

Source = Literal["object", "record", "failing", "left_out"]

A_PAGE = 50
FAILING = "failing"
"""The state of groups of what fails."""

LISTS: dict[str, tuple[Source, ...]] = {
    "index": ("object", "record", "failing"),
    "records": ("record",),
    "not_imported": ("left_out",),
}
"""What each list of the queue holds, by its endpoint, in order; of the first, several are decided at once."""

_STATES: dict[Source, tuple[str, ...]] = {
    "object": held_objects.HELD_STATES,
    "record": (held_records.STATE,),
    "failing": (FAILING,),
    "left_out": held_objects.NOT_IMPORTED_STATES,
}
_LETTERS: dict[Source, str] = {"object": "", "record": "r", "failing": "f", "left_out": ""}


class Item(Struct, frozen=True):
    """One thing that needs a person.

    Attributes:
        row: what the store keeps of it.
        name: what the record or object is called.
        is_decided: whether a decision about it is being carried out.
    """

    source: Source
    id: int
    object_type: str
    name: str
    reason: str
    row: Any
    is_decided: bool = False

    @property
    def key(self) -> str:
        """Its name in addresses and elements: `17`, `r4`, `f9`."""
        return f"{_LETTERS[self.source]}{self.id}"

    @property
    def at(self) -> Any:
        """Since when it waits."""
        return getattr(self.row, {"record": "held_at", "failing": "failed_at"}.get(self.source, "read_at"))


class Chosen(Struct, frozen=True):
    """Which part of the queue is looked at, as the address says."""

    list: str = "index"
    object_type: str | None = None
    reason: str | None = None
    search: str = ""

    def address(self, **place: Any) -> str:
        """The list's address with its filter; without a place it is the first page's."""
        given: dict[str, Any] = {**self.as_arguments(), **place}
        return url_for(f"held.{self.list}", **given)

    def as_arguments(self) -> dict[str, Any]:
        """The filter as addresses carry it."""
        given = {"type": self.object_type, "reason": self.reason, "q": self.search or None}
        return {name: value for name, value in given.items() if value}

    def shows(self, group: Group) -> bool:
        """Whether a group of the list is shown."""
        return self.object_type in (None, group.object_type) and self.reason in (None, group.reason)


def chosen(list_name: str | None = None) -> Chosen:
    """The filter in the address of the request; parts that make no sense are ignored."""
    given = request.args
    name = list_name or given.get("list", "")
    return Chosen(
        list=name if name in LISTS else "index",
        object_type=given["type"] if given.get("type") in OBJECT_TYPES else None,
        reason=given["reason"] if given.get("reason") in REASONS else None,
        search=given.get("q", "").strip()[:100],
    )


def groups_of(session: Session, connection_id: int, groups: Sequence[Group], list_name: str) -> list[Group]:
    """How much a list holds, by state, reason and object type; `groups` are those of what is held."""
    sources = LISTS[list_name]
    states = {state for source in sources for state in _STATES[source]}
    found = [group for group in groups if group.state in states]
    if "failing" in sources:
        counts: dict[tuple[str, str], int] = {}
        for cause in failures.causes(session, connection_id):
            place = (cause.reason, cause.object_type)
            counts[place] = counts.get(place, 0) + cause.count
        found += [Group(FAILING, *place, count) for place, count in counts.items()]
    return found


def decided_together(part: Chosen, groups: Sequence[Group]) -> list[Group]:
    """What a list shows that several can be decided about at once."""
    return [
        group
        for group in groups
        if part.shows(group) and (part.list == "records" or is_decided_with_others(group.state, group.reason))
    ]


def queue_page(
    session: Session,
    connection_id: int,
    part: Chosen,
    groups: Sequence[Group],
    *,
    after: str = "",
    limit: int | None = None,
) -> Page[Item]:
    """A page of the queue, `A_PAGE` long unless told: what is left of one source, then the next."""
    limit = A_PAGE if limit is None else limit
    place = place_of(after, tuple[Text, Number])
    sources = LISTS[part.list]
    start = sources.index(place[0]) if place and place[0] in sources else 0
    inner = cursor(place[1]) if place else ""
    items: list[Item] = []
    for source in sources[start:]:
        page = _page_of(session, connection_id, source, part, groups, after=inner, limit=limit - len(items))
        items += _items(session, source, page.rows)
        if page.next:
            last = place_of(page.next, tuple[Number])
            following = cursor(source, last[0] if last else 0)
            return Page(items, next=following, is_first=place is None, is_cut=page.is_cut)
        inner = ""
        if len(items) == limit and source != sources[-1]:
            following = cursor(sources[sources.index(source) + 1], 0)
            return Page(items, next=following, is_first=place is None)
    return Page(items, is_first=place is None)


def item_after(
    session: Session, connection_id: int, part: Chosen, groups: Sequence[Group], item: Item
) -> Item | None:
    """The first one behind another that nobody has decided about."""
    after = cursor(item.source, item.id)
    page = queue_page(session, connection_id, part, groups, after=after, limit=10)
    return next((item for item in page.rows if not item.is_decided), None)


def item_of(session: Session, connection_id: int, key: str) -> Item | None:
    """The thing of this key; None where it is settled, or where there never was any."""
    letter, number = (key[:1], key[1:]) if key[:1] in ("r", "f") else ("", key)
    row_id = row_number(number)
    if row_id is None:
        return None
    row: Any
    if letter == "r":
        row = held_records.by_id(session, row_id)
        source: Source = "record"
    elif letter == "f":
        row, source = failures.get(session, connection_id, row_id), "failing"
    else:
        row = held_objects.get(session, row_id)
        source = "object" if row is not None and row.state in held_objects.HELD_STATES else "left_out"
    if row is None or row.connection_id != connection_id:
        return None
    return _items(session, source, [row])[0]


def _page_of(
    session: Session,
    connection_id: int,
    source: Source,
    part: Chosen,
    groups: Sequence[Group],
    *,
    after: str,
    limit: int,
) -> Page[Any]:
    shown = [group for group in groups if group.state in _STATES[source] and part.shows(group)]
    if not shown or limit <= 0:
        return Page([])
    how: dict[str, Any] = {"after": after, "limit": limit, "search": part.search}
    if source == "record":
        return held_records.page(session, connection_id, shown, **how)
    if source == "failing":
        places = {(group.reason, group.object_type) for group in shown}
        causes = [
            cause
            for cause in failures.causes(session, connection_id)
            if (cause.reason, cause.object_type) in places
        ]
        return failures.page(session, connection_id, causes, **how)
    return held_objects.page(session, connection_id, shown, **how)


def _items(session: Session, source: Source, rows: Sequence[Any]) -> list[Item]:
    if source == "record":
        names = held_records.names(session, rows)
        return [
            Item(
                *(source, row.id, row.object_type, called(row.object_type, names.get(row.id, ""))),
                *(row.reason, row, row.decision is not None),
            )
            for row in rows
        ]
    if source == "failing":
        return [
            Item(source, row.id, row.object_type, called(row.object_type, row.name), row.reason, row)
            for row in rows
        ]
    return [
        Item(
            *(source, row.id, row.object_type, row.display_name),
            *("person_skipped" if row.state == "skipped" else row.reason, row, row.decision is not None),
        )
        for row in rows
    ]
