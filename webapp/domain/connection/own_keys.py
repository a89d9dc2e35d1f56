"""A record's key in HubSpot: a UUID that begins with the prefix of the installation that made the object.

Keys of earlier versions have no prefix. They stay valid, and do not say who made them.
"""

from uuid import uuid4

_VERSION = "8"
"""The version of UUIDs whose content is the maker's own; keys without a prefix have another one."""
_PREFIX_LENGTH = 12
_SEARCHED_LENGTH = 8
"""The first group of a UUID, which is what HubSpot's search takes for a word."""


def new_prefix() -> str:
    """A prefix for an installation: twelve hexadecimal digits."""
    return uuid4().hex[:_PREFIX_LENGTH]


def new_key(prefix: str) -> str:
    """A key for a record."""
    by_chance = uuid4().hex
    text = f"{prefix}{_VERSION}{by_chance[_PREFIX_LENGTH + 1 :]}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def has_prefix(key: str | None, prefix: str) -> bool:
    """Whether a key was made by the installation with this prefix."""
    text = (key or "").replace("-", "").lower()
    return text.startswith(f"{prefix}{_VERSION}")


def searched_by(prefix: str) -> str:
    """The pattern that finds the keys with a prefix in a search for a word."""
    return f"{prefix[:_SEARCHED_LENGTH]}*"
