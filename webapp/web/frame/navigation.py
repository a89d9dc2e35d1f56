"""The main places of the menu, and the badges that capabilities put beside them."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask, request

from webapp.text.translated import gettext, mark

# Name, address and label.
_PLACES = (
    ("home", "/", mark("Home")),
    ("companies", "/companies", mark("Companies")),
    ("contacts", "/contacts", mark("Contacts")),
    ("held", "/held", mark("Needs you")),
    ("duplicates", "/duplicates", mark("Duplicates")),
    ("sync_log", "/sync-log", mark("Sync log")),
    ("integrations", "/integrations", mark("Integrations")),
)


class Badge(NamedTuple):
    """The badge beside a place of the menu.

    Attributes:
        kind: its colour, as of every badge.
        about: the meaning of its count, for screen readers.
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
    badges: tuple[Badge, ...]


_badges: dict[str, Callable[[], tuple[Badge, ...]]] = {}


def register(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals["navigation"] = navigation


def show_badges(place: str, badges: Callable[[], tuple[Badge, ...]]) -> None:
    """Have a place carry badges. They are asked for while a page is made: they must not ask the database."""
    _badges[place] = badges


def navigation() -> list[Place]:
    """The places in their order."""
    return [
        Place(name, request.script_root + address, gettext(label), _is_here(address), _badges_of(name))
        for name, address, label in _PLACES
    ]


def _is_here(address: str) -> bool:
    return request.path == address or (address != "/" and request.path.startswith(f"{address}/"))


def _badges_of(name: str) -> tuple[Badge, ...]:
    return _badges[name]() if name in _badges else ()
