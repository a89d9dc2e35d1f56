"""The main places of the menu, and the badges that capabilities put beside them."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask, request

# Name, address and label.
_PLACES = (
    ("companies", "/companies", "Companies"),
    ("contacts", "/contacts", "Contacts"),
    ("integrations", "/integrations", "Integrations"),
    ("sync_log", "/sync-log", "Sync log"),
    ("held", "/held", "Held"),
    ("duplicates", "/duplicates", "Duplicates"),
)


class Badge(NamedTuple):
    """What stands beside a place.

    Attributes:
        kind: its colour, as of every badge.
        about: what it says, for whoever does not see where it stands.
    """

    text: str
    kind: str = ""
    about: str = ""


class Place(NamedTuple):
    """A place of the menu."""

    name: str
    address: str
    label: str
    is_here: bool
    badge: Badge | None


_badges: dict[str, Callable[[], Badge | None]] = {}


def register(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals["navigation"] = navigation


def show_badge(place: str, badge: Callable[[], Badge | None]) -> None:
    """Have a place carry a badge. It is asked for while a page is made, so it must not ask the database."""
    _badges[place] = badge


def navigation() -> list[Place]:
    """The places in their order."""
    return [
        Place(name, request.script_root + address, label, _is_here(address), _badge(name))
        for name, address, label in _PLACES
    ]


def _is_here(address: str) -> bool:
    return request.path == address or (address != "/" and request.path.startswith(f"{address}/"))


def _badge(name: str) -> Badge | None:
    return _badges[name]() if name in _badges else None
