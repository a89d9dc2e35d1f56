"""Placeholder names, which people type into a field that must not be empty."""

from functools import lru_cache

from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import words

_NOTHING = frozenset(plain(entry.replace("_", " ")) for entry in words("nothing"))
_PLACEHOLDERS = frozenset(plain(entry.replace("_", " ")) for entry in words("placeholder_names"))
# Words of which a name may be made that names nobody: new lead, demo user, no company.
_NOBODYS = frozenset(map(plain, words("nobodys_words")))
_FEWEST_REPEATED = 3
# Short words alone may be a name all the same: My Le.
_LONGEST_LITTLE = 3


@lru_cache(maxsize=4096)
def is_nothing(name: str) -> bool:
    """Whether a name, or half of one, says nothing; as `plain` writes it."""
    if not name or name in _NOTHING:
        return True
    letters = name.replace(" ", "")
    return len(letters) >= _FEWEST_REPEATED and len(set(letters)) == 1


def is_nobody(name: str) -> bool:
    """Whether a whole name says nothing; as `plain` writes it."""
    first = name.partition(" ")[0]
    if (first in _NOBODYS or is_nothing(first)) and _is_of_nobodys(name.split()):
        return True
    return name in _PLACEHOLDERS or name in _NOTHING


def _is_of_nobodys(given: list[str]) -> bool:
    """Whether a name has no word that names somebody."""
    if all(map(is_nothing, given)):
        return True
    named = [word for word in given if not word.isdecimal()]
    is_long = max(map(len, named), default=0) > _LONGEST_LITTLE
    return is_long and all(word in _NOBODYS or is_nothing(word) for word in named)
