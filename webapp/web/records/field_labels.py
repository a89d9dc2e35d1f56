"""What fields are called and how their values read, custom ones by their definitions."""

from flask import Flask, g, request

from webapp.domain.records.fields import COMPANY, FIELDS, OBJECT_TYPES, Field, ObjectType
from webapp.domain.records.validate import as_text
from webapp.store.records import custom_fields
from webapp.text import records
from webapp.text.translated import gettext as _
from webapp.web.access import is_open
from webapp.web.services import services


def register(app: Flask) -> None:
    """Read the labels of custom fields before any page is rendered."""
    app.before_request(_read_before_the_page)


def label(object_type: ObjectType, name: str) -> str:
    """The field's name on screen, with its internal name where another field has the same."""
    if name.startswith(COMPANY):
        return _("Company: %(field)s", field=label("companies", name.removeprefix(COMPANY)))
    return _labels(object_type).get(name) or records.label(name)


def _labels(object_type: ObjectType) -> dict[str, str]:
    """What the fields of an object type are called; worked out once a request."""
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
