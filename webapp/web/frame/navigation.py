"""The main places of the menu, with how much waits there."""

from typing import NamedTuple

from flask import Flask, request

from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection
from webapp.store.home.standing import MOST_COUNTED
from webapp.text.connection import STOPPED
from webapp.web.frame.banner import current_standing

# Name, address and label.
_PLACES = (
    ("home", "/", "Home"),
    ("companies", "/companies", "Companies"),
    ("contacts", "/contacts", "Contacts"),
    ("held", "/held", "Needs you"),
    ("duplicates", "/duplicates", "Duplicates"),
    ("sync_log", "/sync-log", "Sync log"),
    ("integrations", "/integrations", "Integrations"),
)


class Count(NamedTuple):
    """How much waits somewhere, with the word for it. `kind` is the colour of its badge."""

    number: int
    what: str
    kind: str

    @property
    def is_more(self) -> bool:
        """Whether there may be more than was counted."""
        return self.number >= MOST_COUNTED


class Place(NamedTuple):
    """A place of the menu: what waits there, and in `state` what is wrong with it."""

    name: str
    address: str
    label: str
    is_here: bool
    counts: tuple[Count, ...] = ()
    state: tuple[str, str] | None = None


def register(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Place]:
    """The places in their order; how much waits was read before the page was made."""
    now = current_standing()
    waiting = {
        "held": [
            Count(min(now.held_objects + now.held_records, MOST_COUNTED), "to decide", "held"),
            Count(now.failing, "failing", "failing"),
        ],
        "duplicates": [Count(now.duplicates, "open", "held")],
    }
    return [
        Place(
            name,
            request.script_root + address,
            label,
            _is_here(address),
            tuple(one for one in waiting.get(name, []) if one.number),
            _state(now.connection) if name == "integrations" else None,
        )
        for name, address, label in _PLACES
    ]


def _is_here(address: str) -> bool:
    return request.path == address or (address != "/" and request.path.startswith(f"{address}/"))


def _state(row: Connection | None) -> tuple[str, str] | None:
    """What is wrong with the connection, in a word or two, and the colour of its badge."""
    if row is not None and row.state == connections.FAILING:
        return STOPPED["dead"].badge, "bad"
    return (STOPPED["paused"].badge, "warn") if troubles.lasting(row) is not None else None
