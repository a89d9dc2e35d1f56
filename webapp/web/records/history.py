"""A record's history: which side gave each field its value, when and in which run; and every change."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.records.fields import CUSTOM, FIELD_NAMES, ObjectType
from webapp.domain.records.history import Event, provenance
from webapp.store.records import history, records
from webapp.store.runs import log
from webapp.text.translated import gettext as _
from webapp.text.translated import mark
from webapp.web.services import page_session

blueprint = Blueprint(
    "record_history", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/history"
)

PAGE_SIZE = 50
"""How many events a page shows."""
# Further back no field's origin is looked for.
_LOOK_BACK = 1_000
_ORIGINS = {
    "csv": mark("CSV import"),
    "merge": mark("Merged here"),
    "undo": mark("Undo"),
    "person": mark("Edited here"),
}


@blueprint.get("")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The present values with their origins, and the changes, newest first."""
    session = page_session()
    record = records.get(session, object_type, record_id)
    if record is None:
        abort(404, _("There is no such record."))
    after = request.args.get("after", "")
    page = history.page(session, object_type, record_id, after=after, limit=PAGE_SIZE)
    values = records.values_of(object_type, record)
    known = history.events(session, object_type, record_id, limit=_LOOK_BACK) if page.is_first else []
    return render_template(
        "records/history.html",
        object_type=object_type,
        record=record,
        values=_filled(object_type, values),
        origins=provenance(values, known),
        page=page,
        address=lambda **place: url_for(".show", object_type=object_type, record_id=record_id, **place),
        companies_named=log.companies_named(session, [*page.rows, *known]),
        origin_label=_origin_label,
    )


def _filled(object_type: ObjectType, values: dict[str, Any]) -> dict[str, Any]:
    """The filled fields in the order of the form, custom fields last."""
    names = (*FIELD_NAMES[object_type], *(name for name in values if name.startswith(CUSTOM)))
    return {name: values[name] for name in names if values.get(name) is not None}


def _origin_label(event: Event) -> str:
    """The label of a change's origin."""
    if event.kind == "undo":
        return _("Put back in HubSpot") if event.is_sent else _("Put back here")
    if event.origin is None:
        return _("Sent to HubSpot") if event.is_sent else _("From HubSpot")
    return _(_ORIGINS.get(event.origin, event.origin))
