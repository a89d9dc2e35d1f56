"""The buttons of a record's sync panel: pull it, clear a field in HubSpot, stop its sync, or start it."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PullRecordOptions, PushRecordOptions
from webapp.store.records import records
from webapp.text.translated import gettext as _
from webapp.usecases.links import switch as link_switch
from webapp.usecases.runs import of_record
from webapp.web.connection.required import require_connection
from webapp.web.push.one_by_one import count_push
from webapp.web.services import ask, page_session

blueprint = Blueprint(
    "record_sync", __name__, url_prefix="/<any(companies, contacts):object_type>/<int:record_id>/sync"
)


@blueprint.post("")
def act(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Pull the record or preview that, or stop or start its sync."""
    connection = require_connection()
    if records.get(page_session(), object_type, record_id) is None:
        abort(404)
    pull = PullRecordOptions(object_type=object_type, record_id=record_id)
    match request.form.get("verb"):
        case "pull":
            ask(of_record.start, pull, user_id=current_user.id)
        case "preview":
            started = ask(of_record.start, pull, user_id=current_user.id, is_preview=True)
            return redirect(url_for("sync_log.show", run_id=started.run_id), 303)
        case "clear":
            fields = tuple(request.form.getlist("field")[:1])
            count_push()
            push = PushRecordOptions(object_type=object_type, record_id=record_id, clears=fields)
            ask(of_record.start, push, user_id=current_user.id)
            flash(_("It is cleared in HubSpot in a moment."), "good")
        case "stop":
            ask(link_switch.stop, connection.id, object_type, record_id)
            flash(_("This record no longer syncs. Both sides keep what they have."), "good")
        case "start":
            ask(link_switch.start, connection.id, object_type, record_id, current_user.id)
            flash(_("This record syncs again."), "good")
        case _:
            abort(400, _("Choose what to do with this record."))
    return redirect(
        url_for("records.show", object_type=object_type, record_id=record_id, _anchor="push"), 303
    )
