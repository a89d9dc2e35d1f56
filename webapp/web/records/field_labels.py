"""Labels of fields and texts of their values; custom fields have them in their definitions."""

from flask import Flask, g, request
from msgspec.structs import replace

from webapp.domain.records.conversions import parts
from webapp.domain.records.fields import COMPANY, FIELDS, FIELDS_BY_NAME, OBJECT_TYPES, Field, ObjectType
from webapp.domain.records.validate import as_text
from webapp.store.connection import connections
from webapp.store.records import custom_fields
from webapp.text.records import records
from webapp.text.translated import fraction_text
from webapp.text.translated import gettext as _
from webapp.usecases.rules.vocabulary import Choice, Labels, labels
from webapp.web import moments
from webapp.web.access import is_open
from webapp.web.services import reading

_SHOW_VALUES = frozenset(
    (
        *("records.show", "records.new", "records.add", "records.change", "records.save", "merges.show"),
        *("record_history.show", "record_push.create", "record_push.show", "lost_values.show"),
        *("sync_log.show", "undo.show", "imports.show", "held.index", "held.not_imported", "held.records"),
        *(
            "held.item",
            "failing.index",
            *("typed_forms.show", "status_mapping.show", "status_mapping.save"),
            "duplicates.show",
            "duplicate_merges.merge_there",
        ),
    )
)
"""The pages that show values of records."""


def register(app: Flask) -> None:
    """Read the labels of custom fields before any page is rendered."""
    app.before_request(_read_before_the_page)
    app.jinja_env.globals.update(value_label=value_label, property_label=property_label)


def label(object_type: ObjectType, name: str) -> str:
    """The field's name on screen, with its internal name where another field has the same."""
    if name.startswith(COMPANY):
        return _("Company: %(field)s", field=label("companies", name.removeprefix(COMPANY)))
    return _labels(object_type).get(name) or records.label(name)


def _labels(object_type: ObjectType) -> dict[str, str]:
    """The labels of an object type's fields; worked out once a request."""
    known: dict[ObjectType, dict[str, str]] = g.setdefault("field_labels", {})
    if object_type not in known:
        standard = {field.name: records.label(field.name) for field in FIELDS[object_type]}
        custom = {name: field.label for name, field in defined(object_type).items()}
        known[object_type] = records.distinct(standard | custom)
    return known[object_type]


def readable(field: Field | None, value: object) -> str:
    """A stored value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = as_text(value)
    if field is not None and field.kind == "status":
        return records.STATUS_LABELS.get(text, text)
    if field is not None and field.kind == "choices":
        return ", ".join(text.split(";"))
    if field is not None and field.kind in ("date", "datetime"):
        return moments.stored(text)
    return fraction_text(value) if isinstance(value, float) else text


def value_label(object_type: ObjectType, name: str, value: object) -> object:
    """A value as people read it: a status, a choice of HubSpot, and yes or no by their labels."""
    if name.startswith(COMPANY):
        return value_label("companies", name.removeprefix(COMPANY), value)
    if not isinstance(value, bool | str | float):
        return value
    choice = choice_of(object_type, name)
    if choice is not None and isinstance(value, str):
        each = parts(value) if choice.is_multiple else [value]
        return ", ".join(choice.labels.get(one, one) for one in each)
    return readable(FIELDS_BY_NAME[object_type].get(name) or defined(object_type).get(name), value)


def choice_of(object_type: ObjectType, name: str) -> Choice | None:
    """The choice of HubSpot that a field's values come from, if it is a text here."""
    return read_labels(object_type).choices.get(name)


def property_label(object_type: ObjectType, name: str) -> str:
    """A property by its label in HubSpot, with its internal name."""
    found = read_labels(object_type).properties.get(name)
    return f"{found} ({name})" if found and found != name else name


def read_labels(object_type: ObjectType) -> Labels:
    """HubSpot's labels, read once a request; before the page is rendered that shows values."""
    known: dict[ObjectType, Labels] = g.setdefault("hubspot_labels", {})
    if object_type not in known:
        with reading() as session:
            connection = connections.current(session)
            found = labels(session, connection.id, object_type) if connection is not None else Labels()
        choices = {
            name: replace(one, labels=records.distinct(one.labels)) for name, one in found.choices.items()
        }
        known[object_type] = replace(found, choices=choices)
    return known[object_type]


def defined(object_type: ObjectType) -> dict[str, Field]:
    """The definitions of an object type's custom fields, retired ones too; read once a request."""
    known: dict[ObjectType, dict[str, Field]] | None = g.get("custom_fields")
    if known is None:
        known = g.custom_fields = {kind: {} for kind in OBJECT_TYPES}
        # Streams ask as well, which last for long: what they read by must not stay open.
        with reading() as session:
            for one in custom_fields.every(session):
                known[one.object_type][one.field.name] = one.field
    return known[object_type]


def were_read() -> bool:
    """Whether a page can show values under their labels without reading anything."""
    return "custom_fields" in g and ("hubspot_labels" in g or request.endpoint not in _SHOW_VALUES)


def _read_before_the_page() -> None:
    """Templates use the labels in the middle of a page, where nothing may be read any more."""
    if request.endpoint is not None and not is_open(request.endpoint):
        defined("companies")
    if request.endpoint in _SHOW_VALUES:
        for object_type in OBJECT_TYPES:
            read_labels(object_type)
