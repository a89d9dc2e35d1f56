"""The red Push button of a record, and the panel beside it with the result of its latest run."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.options import PushRecordOptions
from webapp.domain.runs.progress import OPEN_STATES
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.held import records as held_records
from webapp.store.records import records
from webapp.store.runs import queries
from webapp.store.runs.log import Run
from webapp.text.runs.runs import KINDS, STATES
from webapp.text.translated import gettext as _
from webapp.usecases.runs import of_record
from webapp.web.fragments import wants_fragment
from webapp.web.push.one_by_one import count_push
from webapp.web.records import live_page
from webapp.web.runs.labels import wait_reason_label
from webapp.web.runs.leading import lead_to_run
from webapp.web.services import ask, page_session

blueprint = Blueprint(
    "record_push", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/push"
)


@blueprint.post("")
def create(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Push the record, with the decision about it if the form has one."""
    if records.get(page_session(), object_type, record_id) is None:
        abort(404)
    count_push()
    if "preview" in request.form:
        return _previewed(object_type, record_id)
    options = PushRecordOptions(object_type=object_type, record_id=record_id)
    ask(of_record.start, options, user_id=current_user.id, decision=_decision())
    if wants_fragment():
        return show(object_type, record_id)
    return redirect(
        url_for("records.show", object_type=object_type, record_id=record_id, _anchor="push"), 303
    )


def _previewed(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Start a preview of a push, and lead to its page."""
    options = PushRecordOptions(object_type=object_type, record_id=record_id)
    started = ask(of_record.start, options, user_id=current_user.id, is_preview=True)
    return lead_to_run(started.run_id)


@blueprint.get("")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The button with the panel as they are now; it is fetched again until the push is over."""
    record = records.get(page_session(), object_type, record_id)
    if record is None:
        abort(404)
    connection = connections.current(page_session())
    push = panel(object_type, record_id, connection)
    if push["is_open"] and request.args.get("seen") == push["seen"]:
        # Nothing is new: the page stays as it is, with its focus and its scroll position.
        return "", 204
    log = records.log_of(page_session(), object_type, record_id, live_page.LOG_LENGTH)
    context = {
        "object_type": object_type,
        "record": record,
        "connection": connection,
        "push": push,
        "is_update": True,
        "link": push["link"],
        "log": log,
        **live_page.named_in(page_session(), log),
        "clearable": live_page.clearable_there(page_session(), object_type, record, push["link"]),
        "state": live_page.state(page_session(), connection, object_type, record),
    }
    return render_template("push/_red_button.html", **context)


def panel(object_type: ObjectType, record_id: int, connection: Connection | None) -> dict[str, Any]:
    """The values of the panel: the latest run about the record, its log entry, and why it is held."""
    if connection is None:
        return {"run": None, "is_open": False, "held": None, "link": None, "entries": [], "contacts": None}
    session = page_session()
    run = queries.latest_of_subject(session, connection.id, of_record.subject_of(object_type, record_id))
    log = records.log_of(session, object_type, record_id, live_page.LOG_LENGTH)
    return {
        "run": run,
        "is_open": run is not None and run.state in OPEN_STATES,
        "entries": [entry for entry in log if run is not None and entry.run_id == run.id],
        "held": held_records.get(session, connection.id, object_type, record_id),
        "link": records.link_of(session, connection.id, object_type, record_id),
        "seen": f"{run.id}-{run.state}-{run.waiting_for or ''}" if run else "",
        "status_text": _status_text(run),
        "contacts": records.count_contacts(session, record_id) if object_type == "companies" else None,
    }


def _status_text(run: Run | None) -> str:
    """The text that is read out when the panel changes."""
    if run is None:
        return ""
    kind = KINDS["pull" if kind_of(run.kind).direction == "in" else "push"]
    if (wait_reason := wait_reason_label(run)) is not None:
        return _("%(run)s: waiting for %(reason)s.", run=kind, reason=wait_reason)
    return f"{kind}: {STATES[run.state].lower()}."


def _decision() -> dict[str, Any] | None:
    verb = request.form.get("decision")
    if verb == "create":
        return {"verb": "create"}
    if verb == "link":
        return {"verb": "link", "remote_id": request.form.get("remote_id", "")}
    return None
