"""A record's history: which side gave each field its value, when and in which run; and every change."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.domain.records.fields import CUSTOM, FIELDS, ObjectType
from webapp.domain.records.history import Event, provenance
from webapp.domain.records.naming import SINGULAR
from webapp.extensions import db
from webapp.store.records import history, records
from webapp.store.runs import log

blueprint = Blueprint(
    "record_history", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/history"
)

_LARGEST_ID = 2**31
PAGE_SIZE = 50
"""How many events a page shows."""
# Further back no field's origin is looked for.
_LOOK_BACK = 1_000
_ORIGINS = {"csv": "CSV import", "merge": "Merged here", "undo": "Undo", "person": "Edited here"}


@blueprint.get("")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The present values with their origins, and the changes, newest first."""
    session = db.session()
    record = records.get(session, object_type, record_id) if record_id < _LARGEST_ID else None
    if record is None:
        abort(404, f"There is no such {SINGULAR[object_type]}.")
    before = _moment(request.args.get("before", ""))
    events = history.events(session, object_type, record_id, before=before, limit=PAGE_SIZE + 1)
    page, values = events[:PAGE_SIZE], records.values_of(object_type, record)
    known = history.events(session, object_type, record_id, limit=_LOOK_BACK) if before is None else []
    return render_template(
        "records/history.html",
        object_type=object_type,
        record=record,
        values=_filled(object_type, values),
        origins=provenance(values, known),
        events=page,
        companies_named=log.companies_named(session, [*page, *known]),
        origin_words=_origin_words,
        older=_older(object_type, record_id, page) if len(events) > PAGE_SIZE else None,
        is_first=before is None,
    )


def _filled(object_type: ObjectType, values: dict[str, Any]) -> dict[str, Any]:
    """What is not empty, in the order of the form, one's own fields behind the others."""
    names = [field.name for field in FIELDS[object_type]]
    names += [name for name in values if name.startswith(CUSTOM)]
    return {name: values[name] for name in names if values.get(name) is not None}


def _origin_words(event: Event) -> str:
    """Where a change came from."""
    if event.kind == "undo":
        return "Put back in HubSpot" if event.is_sent else "Put back here"
    if event.origin is None:
        return "Sent to HubSpot" if event.is_sent else "From HubSpot"
    return _ORIGINS.get(event.origin, event.origin)


def _older(object_type: ObjectType, record_id: int, page: list[Event]) -> str:
    return url_for(".show", object_type=object_type, record_id=record_id, before=page[-1].at.isoformat())


def _moment(text: str) -> datetime | None:
    """A moment of an address; what is none, or has no time zone, counts as not asked."""
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
