"""The columns of a list: all of them, those that a person sees, and their values."""

from collections.abc import Mapping, Sequence

from flask_login import current_user
from msgspec import Struct

from webapp.domain.records.fields import CUSTOM, FIELDS, FIELDS_BY_NAME, ObjectType
from webapp.store.people import list_columns
from webapp.store.records.listing.ordering import SORTS
from webapp.store.records.records import Record
from webapp.web.records.field_labels import defined, label, readable, value_label
from webapp.web.services import page_session

SYNC, CHANGED, ADDED = "sync", "changed", "added"
"""Columns that are no fields: how a record stands with HubSpot, when it was changed, when it was added."""

MOST_COLUMNS = 12

_DEFAULT: dict[ObjectType, tuple[str, ...]] = {
    "companies": ("domain", "city", "status", SYNC, CHANGED),
    "contacts": ("company_id", "email", "phone", "status", SYNC, CHANGED),
}
# They are in the name, or too long for a cell.
_LEFT_OUT = ("name", "first_name", "last_name", "description")


class Column(Struct, frozen=True):
    """A column: its name, its heading, and the order that its heading offers, if any."""

    name: str
    label: str
    sort: str = ""


def shown(object_type: ObjectType, labels: Mapping[str, str]) -> list[Column]:
    """The columns that the person at the page sees beside the name.

    Args:
        object_type: Companies or contacts.
        labels: What those are called that are no fields.
    """
    names = list_columns.chosen(page_session(), current_user.id, object_type)
    known = {column.name: column for column in offered(object_type, labels)}
    chosen: Sequence[str] = _DEFAULT[object_type] if names is None else names
    return [known[name] for name in chosen if name in known]


def offered(object_type: ObjectType, labels: Mapping[str, str]) -> list[Column]:
    """All columns that may be chosen, in their order."""
    fields = [field.name for field in FIELDS[object_type] if field.name not in _LEFT_OUT]
    fields += [name for name, field in defined(object_type).items() if field.kind != "long_text"]
    sorts = SORTS[object_type]
    found = [Column(name, label(object_type, name), name if name in sorts else "") for name in fields]
    return found + [Column(name, text, name if name in sorts else "") for name, text in labels.items()]


def have_labels(object_type: ObjectType, columns: Sequence[Column]) -> bool:
    """Whether HubSpot may have labels for the values of these columns."""
    return any(_is_text(object_type, column.name) for column in columns)


def _is_text(object_type: ObjectType, name: str) -> bool:
    """Whether a column shows texts: they may come from a choice of HubSpot and have labels there."""
    field = FIELDS_BY_NAME[object_type].get(name) or defined(object_type).get(name)
    return field is not None and field.kind == "text"


def cell(object_type: ObjectType, record: Record, name: str) -> str:
    """A field of a record as its cell shows it; a telephone is the mobile one where there is no other."""
    if name.startswith(CUSTOM):
        value: object = (record.custom or {}).get(name.removeprefix(CUSTOM))
    else:
        value = getattr(record, name)
    if name == "phone" and not value:
        value = getattr(record, "mobile", None)
    if value is None:
        return ""
    if _is_text(object_type, name):
        return str(value_label(object_type, name, value))
    return readable(FIELDS_BY_NAME[object_type].get(name) or defined(object_type).get(name), value)
