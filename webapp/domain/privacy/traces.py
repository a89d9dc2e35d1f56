"""Mentions of a person in data about others, and what remains of them after the person's erasure."""

import re
from collections.abc import Callable
from typing import Any

from webapp.domain.links.facts import ERASED_NAME
from webapp.domain.privacy.person import Person

NAMING = ("record_id", "apart_from", "asked_again")
"""The keys under which data has the number of the record that it names."""
MERGED = "merged"
"""The same of a record that was merged into the one that the data is about, and has a name beside it."""
_MERGED_NAME = "merged_name"
_KEPT = frozenset(
    {*NAMING, "remote_id", "object_type", "evidence", "points", "reason", "verb", "code"},
)
"""The keys that remain in data that names a record: numbers, and names of our own."""


def mentions(text: str, person: Person) -> bool:
    """Whether a text holds one of the person's addresses, as a whole."""
    return any(pattern.search(text) for pattern in _patterns(person))


def without_person(data: Any, person: Person, object_type: str | None) -> Any:
    """Data without the person's values; the same where it does not mention them.

    Their addresses are taken out of every text. Data that names one of their records or objects, as a list of
    candidates does, keeps the number alone; data about another record loses what it holds of theirs.

    Args:
        data: A text, or what a JSON column holds.
        person: Who is erased.
        object_type: What the numbers of records in it mean, where it does not say so itself.
    """
    patterns = _patterns(person)

    def cleaned(value: Any, kind: str | None) -> Any:
        if isinstance(value, str):
            for pattern in patterns:
                value = pattern.sub(ERASED_NAME, value)
            return value
        if isinstance(value, list):
            return [cleaned(one, kind) for one in value]
        if isinstance(value, dict):
            kind = value.get("object_type", kind)
            if _names(value, person, kind):
                return {name: one if name in _KEPT else _blank(one) for name, one in value.items()}
            left = {
                name: _blank(one) if _is_value_of_person(name, value, person, kind) else cleaned(one, kind)
                for name, one in value.items()
            }
            return _without_keys(left, cleaned)
        return value

    return cleaned(data, object_type)


def _without_keys(value: dict[str, Any], cleaned: Callable[[Any, None], Any]) -> dict[str, Any]:
    """Some data has values as keys."""
    return {cleaned(name, None): one for name, one in value.items()}


def _names(value: dict[str, Any], person: Person, object_type: str | None) -> bool:
    if object_type != "contacts":
        return False
    is_named = any(value.get(key) in person.record_ids for key in NAMING)
    return is_named or value.get("remote_id") in person.remote_ids


def _is_value_of_person(name: str, value: dict[str, Any], person: Person, object_type: str | None) -> bool:
    """Whether one value of data about somebody else is the person's: a name, or what their object held."""
    if object_type != "contacts":
        return False
    is_merged = name == _MERGED_NAME and value.get(MERGED) in person.record_ids
    return is_merged or name in person.remote_ids


def _blank(value: Any) -> Any:
    if isinstance(value, str):
        return ERASED_NAME
    if isinstance(value, list | dict):
        return type(value)()
    return value if isinstance(value, bool) else None


def _patterns(person: Person) -> list[re.Pattern[str]]:
    """A pattern that does not find an address within a longer one."""
    return [
        re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)
        for address in person.addresses
    ]
