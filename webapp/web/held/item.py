"""A line of the queue; when open, with the values to compare and the decisions to choose from."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_login import current_user
from sqlalchemy.orm import Session

from webapp.domain.held.comparison import is_agreed
from webapp.domain.held.together import is_decided_with_others
from webapp.store.connection.connections import Connection
from webapp.store.held import objects as held_objects
from webapp.store.held.objects import AwaitedCompany
from webapp.web.held.queue import LISTS, Chosen, Item
from webapp.web.held.view import held_record_views, held_views
from webapp.web.runs.names import names_of


def shown_item(
    session: Session,
    connection: Connection,
    item: Item,
    part: Chosen,
    *,
    is_open: bool,
    awaited: Mapping[str, AwaitedCompany] | None = None,
    run_names: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """The values that `held/item/_item.html` needs; an open line is read with its candidates."""
    shown: dict[str, Any] = {
        "item": item,
        "connection": connection,
        "part": part,
        "is_open": is_open,
        "about": {"list": part.list, **part.as_arguments()},
        "may_tick": _may_tick(item, part),
        "view": None,
        "differing": [],
        "awaited": None,
        "run_name": (run_names or runs_named(session, [item])).get(item.row.run_id or 0),
    }
    if item.source == "left_out":
        shown["awaited"] = (awaited or {}).get(item.row.company_remote_id or "")
    if not is_open:
        return shown
    if item.source == "object":
        shown["view"] = held_views(session, [item.row])[0]
        fields = shown["view"].fields
        shown["differing"] = [one for one in fields if not is_agreed(one.remote, one.candidates)]
    elif item.source == "record":
        shown["view"] = held_record_views(session, [item.row])[0]
        rows = shown["view"].rows
        shown["differing"] = [one for one in rows if not is_agreed(one.local, one.remote)]
    return shown


def awaited_by(session: Session, connection_id: int, items: Sequence[Item]) -> dict[str, AwaitedCompany]:
    """The companies without which contacts among these were not imported, by object."""
    rows = [item.row for item in items if item.source == "left_out" and item.row.state != "excluded"]
    ids = {row.company_remote_id for row in rows if row.company_remote_id}
    return held_objects.awaited_companies(session, connection_id, ids)


def runs_named(session: Session, items: Sequence[Item]) -> dict[int, str]:
    """The names of the runs that left these to people."""
    return names_of(session, [item.row.run_id for item in items if item.source in ("record", "failing")])


def _may_tick(item: Item, part: Chosen) -> bool:
    """Whether it can be decided about with others, which takes an administrator."""
    if item.is_decided or not current_user.is_administrator or item.source != LISTS[part.list][0]:
        return False
    return item.source == "record" or is_decided_with_others(item.row.state, item.row.reason)
