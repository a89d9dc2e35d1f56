"""Values that a later edit of the other side overwrote: shown, and put back."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.store.runs import log
from webapp.text.translated import gettext as _
from webapp.usecases.records import restore
from webapp.web.runs.names import names_of
from webapp.web.services import ask, page_session

blueprint = Blueprint("lost_values", __name__, url_prefix="/sync-log/<int:run_id>/<int:seq>/lost-values")


@blueprint.get("")
def show(run_id: int, seq: int) -> ResponseReturnValue:
    """The overwritten values of an entry."""
    entry = log.entry(page_session(), run_id, seq)
    if entry is None or not restore.lost_values(entry):
        abort(404)
    run_names = names_of(page_session(), [run_id])
    lost = restore.lost_values(entry)
    return render_template("records/lost_values.html", entry=entry, lost=lost, run_names=run_names)


@blueprint.post("")
def put_back(run_id: int, seq: int) -> ResponseReturnValue:
    """Write one of them into the record again."""
    entry = log.entry(page_session(), run_id, seq)
    if entry is None or entry.record_id is None:
        abort(404)
    object_type, record_id = entry.object_type, entry.record_id
    ask(restore.put_back, run_id, seq, request.form.get("field", ""), user_id=current_user.id)
    flash(_("Put back. It is sent to HubSpot like any other edit."), "good")
    return redirect(url_for("records.show", object_type=object_type, record_id=record_id), 303)
