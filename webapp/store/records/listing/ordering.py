"""The orders in which lists of records can be read: those that an index keeps."""

from typing import Any

from webapp.domain.records.fields import ObjectType
from webapp.store.database.walks import Stretch
from webapp.store.records.records import TABLES

BY_NAME = "name"
BACKWARDS = "-"
SORTS: dict[ObjectType, tuple[str, ...]] = {
    "companies": (BY_NAME, "domain", "changed", "added"),
    "contacts": (BY_NAME, "email", "changed", "added"),
}
"""Each order by name; with a minus before it, backwards. What was changed or added last comes first."""

_KEYS = {BY_NAME: "sort_key", "domain": "domain_key", "email": "email_key", "changed": "updated_at"}
_NEWEST_FIRST = ("changed", "added")


def is_sort(object_type: ObjectType, sort: str) -> bool:
    """Whether there is an order of this name."""
    return sort.removeprefix(BACKWARDS) in SORTS[object_type]


def stretches(object_type: ObjectType, sort: str) -> list[Stretch]:
    """A list in an order; records without the address that it goes by come last."""
    table: Any = TABLES[object_type]
    name = sort.removeprefix(BACKWARDS)
    is_descending = (name in _NEWEST_FIRST) != sort.startswith(BACKWARDS)
    key = getattr(table, _KEYS.get(name, "id"))
    if not key.nullable:
        return [Stretch(key, is_descending=is_descending)]
    return [
        Stretch(key, (key.is_not(None),), is_descending=is_descending),
        Stretch(table.id, (key.is_(None),), is_descending=is_descending),
    ]
