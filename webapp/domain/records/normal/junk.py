"""Placeholder names: what people type into a field that must not be empty."""

from functools import lru_cache

from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import words

_NOTHING = frozenset(plain(entry.replace("_", " ")) for entry in words("nothing"))
_PLACEHOLDERS = frozenset(plain(entry.replace("_", " ")) for entry in words("placeholder_names"))
_FEWEST_REPEATED = 3


@lru_cache(maxsize=4096)
def is_nothing(name: str) -> bool:
    """Whether a name, or half of one, says nothing; as `plain` writes it."""
    if not name or name in _NOTHING:
        return True
    letters = name.replace(" ", "")
    return len(letters) >= _FEWEST_REPEATED and len(set(letters)) == 1


def is_nobody(name: str) -> bool:
    """Whether a whole name says nothing; as `plain` writes it."""
    if name in _PLACEHOLDERS or is_nothing(name.partition(" ")[0]):
        return name in _PLACEHOLDERS or is_nothing(name) or all(map(is_nothing, name.split()))
    return name in _NOTHING
