"""Labels of fields and texts of their values; custom fields have them in their definitions."""

from flask import Flask, g, request

from webapp.domain.records.fields import COMPANY, FIELDS, OBJECT_TYPES, Field, ObjectType
from webapp.domain.records.validate import as_text
from webapp.store.connection import connections
from webapp.store.records import custom_fields
from webapp.text import records
from webapp.text.translated import gettext as _
from webapp.usecases.rules.vocabulary import hubspot_labels
from webapp.web.access import is_open
from webapp.web.services import services

_SHOW_VALUES = ("records.show", "record_history.show")
"""The pages that show the values of one record."""


def register(app: Flask) -> None:
    """Read the labels of custom fields before any page is rendered."""
    app.before_request(_read_before_the_page)
    app.jinja_env.globals["value_label"] = value_label


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
    if field is not None and field.kind == "datetime":
        return text.replace("T", " ").removesuffix(":00.000Z").removesuffix(".000Z") + " UTC"
    return text


def value_label(object_type: ObjectType, name: str, value: object) -> object:
    """A value by its label, where it has one: a status, or what came in from one of HubSpot's choices."""
    if not isinstance(value, str):
        return value
    if name == "status":
        return records.STATUS_LABELS.get(value, value)
    return _hubspot_labels(object_type).get(name, {}).get(value, value)


def _hubspot_labels(object_type: ObjectType) -> dict[str, dict[str, str]]:
    """HubSpot's labels of the values of an object type, by field; read once a request."""
    known: dict[ObjectType, dict[str, dict[str, str]]] = g.setdefault("hubspot_labels", {})
    if object_type not in known:
        with services().database.reading() as session:
            connection = connections.current(session)
            labels = hubspot_labels(session, connection.id, object_type) if connection is not None else {}
        known[object_type] = {name: records.distinct(one) for name, one in labels.items()}
    return known[object_type]


def defined(object_type: ObjectType) -> dict[str, Field]:
    """The definitions of an object type's custom fields, retired ones too; read once a request."""
    known: dict[ObjectType, dict[str, Field]] | None = g.get("custom_fields")
    if known is None:
        known = g.custom_fields = {kind: {} for kind in OBJECT_TYPES}
        # Streams ask as well, which last for long: what they read by must not stay open.
        with services().database.reading() as session:
            for one in custom_fields.every(session):
                known[one.object_type][one.field.name] = one.field
    return known[object_type]


def _read_before_the_page() -> None:
    """Templates use the labels in the middle of a page, where nothing may be read any more."""
    if request.endpoint is not None and not is_open(request.endpoint):
        defined("companies")
    if request.endpoint in _SHOW_VALUES and request.view_args is not None:
        _hubspot_labels(request.view_args["object_type"])
