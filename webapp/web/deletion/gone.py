"""The page of a record that somebody has deleted here."""

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.domain.records.fields import ObjectType
from webapp.store.deletion import traces
from webapp.web.runs.names import names_of
from webapp.web.services import page_session


def deleted_page(object_type: ObjectType, record_id: int) -> ResponseReturnValue | None:
    """Who deleted it and when, and how to bring it back; None if the log has no deletion."""
    trace = traces.of_record(page_session(), object_type, record_id)
    if trace is None:
        return None
    run_name = names_of(page_session(), [trace.run_id]).get(trace.run_id)
    return render_template("deletion/gone.html", object_type=object_type, trace=trace, run_name=run_name), 410
