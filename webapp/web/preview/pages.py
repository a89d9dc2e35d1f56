"""After a preview: running it, and how much has changed since."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.store.runs import log
from webapp.store.runs.log import Run
from webapp.text.translated import gettext as _
from webapp.usecases.preview import previews
from webapp.web.fragments import wants_fragment
from webapp.web.push.one_by_one import count_push
from webapp.web.runs.leading import lead_to_started
from webapp.web.services import ask, page_session

blueprint = Blueprint("previews", __name__, url_prefix="/sync-log/<int:run_id>/preview")


@blueprint.post("")
def run_now(run_id: int) -> ResponseReturnValue:
    """Start what the preview has shown, and lead to it."""
    preview = _found(run_id)
    if preview.subject is None and not current_user.is_administrator:
        abort(403, _("Only administrators can do this. Ask one of them."))
    if preview.kind == "push_record":
        count_push()
    started = ask(previews.run_now, run_id, current_user.id)
    return lead_to_started(started)


@blueprint.get("/since")
def since(run_id: int) -> ResponseReturnValue:
    """How many records were changed since the preview began."""
    preview = _found(run_id)
    changed = ask(previews.changed_since, preview)
    if wants_fragment():
        return render_template("preview/_since.html", changed=changed)
    flash(render_template("preview/_since.html", changed=changed).strip(), "info")
    return redirect(url_for("sync_log.show", run_id=run_id), 303)


def _found(run_id: int) -> Run:
    row = log.run_row(page_session(), run_id)
    if row is None or not row.run.is_preview:
        abort(404, _("There is no such preview. Its log may have been cleared away."))
    return row.run
