"""A record's key in HubSpot: a UUID that begins with the mark of the installation that made the object.

Keys of earlier versions are UUIDs without a mark. They stay valid, and tell nothing about who made them.
"""

from uuid import uuid4

_VERSION = "8"
"""The version of UUIDs whose content is the maker's own; the keys without a mark are of another."""
_MARK_LENGTH = 12


def new_mark() -> str:
    """A mark for an installation."""
    return uuid4().hex[:_MARK_LENGTH]


def new_key(mark: str) -> str:
    """A key for a record."""
    by_chance = uuid4().hex
    text = f"{mark}{_VERSION}{by_chance[_MARK_LENGTH + 1 :]}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def bears_mark(key: str | None, mark: str) -> bool:
    """Whether a key was made by the installation with this mark."""
    text = (key or "").replace("-", "").lower()
    return text.startswith(f"{mark}{_VERSION}")


def searched_by(mark: str) -> str:
    """The token that finds the keys with a mark in a search."""
    return f"{mark[:8]}*"
