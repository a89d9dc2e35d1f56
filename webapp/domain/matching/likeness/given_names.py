"""Given names: which are forms of one another, and which exist at all.

Two names that both exist are two people; a name that does not exist, one letter beside one that does, is a
typing error. The names are compared as everything is, by
`webapp.domain.records.normal.texts.plain`.
"""

from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import rows, words


def _full_names() -> dict[str, frozenset[str]]:
    """For each short form, the names that it may stand for."""
    found: dict[str, set[str]] = {}
    for full, *short in rows("given_name_forms"):
        for form in short:
            found.setdefault(plain(form), set()).update(map(plain, full.split("/")))
    return {form: frozenset(names) for form, names in found.items()}


_FULL_NAMES = _full_names()
_RARER = {short: frozenset(full) for short, *full in rows("rarer_full_names")}
_NONE: frozenset[str] = frozenset()

KNOWN: frozenset[str] = (
    frozenset(_FULL_NAMES) | frozenset().union(*_FULL_NAMES.values()) | words("given_names")
)
"""Names that exist."""


def is_short_for(short: str, full: str) -> bool:
    """Whether a name is a form of another: Bob of Robert. Bob and Rob may be two people."""
    return full in _FULL_NAMES.get(short, _NONE)


def is_rather_of_another(short: str, full: str) -> bool:
    """Whether a short form of men and women is sooner one of the other sex: Alex beside Alexandra."""
    return full in _RARER.get(short, _NONE)


def share_a_name(a: str, b: str) -> bool:
    """Whether two short forms may stand for one name."""
    return not _FULL_NAMES.get(a, _NONE).isdisjoint(_FULL_NAMES.get(b, _NONE))
