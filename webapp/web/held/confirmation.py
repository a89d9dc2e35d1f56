"""The confirmation of a decision, shown in place of its line or above the next one."""

from collections.abc import Callable

from flask import request
from flask_babel import lazy_gettext
from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.web.held.queue import Item, item_of

_OF_OBJECT = {
    "link": lazy_gettext("They will be linked in a moment."),
    "apart": lazy_gettext("Not the same: it will be added as a new record in a moment."),
    "import": lazy_gettext("It will be added as a new record in a moment."),
    "skip": lazy_gettext("It is left out. If you change your mind, you find it under Not imported."),
    "again": lazy_gettext("It is looked at again in a moment, as a Pull would."),
}
_OF_RECORD = {
    "link": lazy_gettext("It is linked and pushed in a moment."),
    "create": lazy_gettext("A new record is made for it in HubSpot in a moment."),
    "again": lazy_gettext("It is pushed again in a moment."),
}
_OF_FAILING = {"again": lazy_gettext("It is tried again in a moment. If it fails again, it comes back here.")}

REVERSIBLE = ("link", "apart", "import", "skip")
"""The decisions about an object that can be taken back."""


class Confirmation(Struct, frozen=True):
    """A decision in a sentence; `key` names its line, `can_undo` says whether it can be taken back."""

    key: str
    id: int
    name: str
    text: str
    can_undo: bool
    object_type: str
    remote_id: str


def texts_of(source: str) -> dict[str, Callable[[], str]]:
    """The decisions that a source allows, each with the text of its confirmation."""
    return {"record": _OF_RECORD, "failing": _OF_FAILING}.get(source, _OF_OBJECT)


def confirmation(item: Item, verb: str) -> Confirmation:
    """The confirmation of a decision."""
    can_undo = item.source in ("object", "left_out") and verb in REVERSIBLE
    return Confirmation(
        key=item.key,
        id=item.id,
        name=item.name,
        text=str(texts_of(item.source)[verb]),
        can_undo=can_undo,
        object_type=item.object_type,
        remote_id=item.row.remote_id if can_undo else "",
    )


def confirmation_of(session: Session, connection_id: int) -> Confirmation | None:
    """The confirmation that the address asks for; None if it makes no sense or is out of date."""
    key, verb = request.args.get("decided", ""), request.args.get("verb", "")
    item = item_of(session, connection_id, key) if key else None
    return confirmation(item, verb) if item is not None and verb in texts_of(item.source) else None
