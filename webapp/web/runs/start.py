"""Starting and cancelling runs."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.store.push import outbox
from webapp.store.runs import log, queries
from webapp.text.translated import gettext as _
from webapp.usecases.notifications import sending as mail_sending
from webapp.usecases.runs import lifecycle, mass_change, resume_by_person
from webapp.web.access import administrators_only
from webapp.web.connection.required import require_connection
from webapp.web.fragments import lead_to
from webapp.web.runs.leading import lead_to_run, lead_to_started
from webapp.web.services import ask, page_session

blueprint = Blueprint("runs", __name__, url_prefix="/runs")

_STARTABLE = ("pull", "push")


@blueprint.post("")
@administrators_only
def create() -> ResponseReturnValue:
    """Queue a run and lead to it; pressing again leads to the one that is queued or running."""
    kind = request.form.get("kind", "")
    if kind not in _STARTABLE:
        abort(400, _("Only a pull or a push can be started here."))
    connection = require_connection()
    if "preview" in request.form:
        return _started(kind, connection.id, is_preview=True)
    if kind == "push" and connection.first_pull_finished_at is None and "confirmed" not in request.form:
        return lead_to(url_for(".confirm_push"))
    if kind == "pull" and "confirmed" not in request.form and outbox.count(page_session(), connection.id):
        return lead_to(url_for(".confirm_pull"))
    if kind == "pull" and "send_first" in request.form:
        ask(
            lifecycle.start,
            "push",
            connection_id=connection.id,
            trigger="button",
            started_by_id=current_user.id,
        )
    return _started(kind, connection.id)


def _started(kind: str, connection_id: int, *, is_preview: bool = False) -> ResponseReturnValue:
    started = ask(
        lifecycle.start,
        kind,
        connection_id=connection_id,
        trigger="button",
        started_by_id=current_user.id,
        is_preview=is_preview,
    )
    return lead_to_started(started)


@blueprint.get("/push")
@administrators_only
def confirm_push() -> ResponseReturnValue:
    """The question before a push that no pull has preceded; not asked once one has finished."""
    connection = require_connection()
    if connection.first_pull_finished_at is not None:
        flash(_("A Pull has finished in the meantime, so no confirmation is needed: press Push."), "info")
        return redirect(url_for("integrations.hubspot"), 303)
    pull = queries.open_run(page_session(), connection.id, "pull")
    return render_template("runs/confirm_push.html", pull_id=pull.id if pull is not None else None)


@blueprint.get("/pull")
@administrators_only
def confirm_pull() -> ResponseReturnValue:
    """The question before a pull that would overwrite edits which were not sent yet."""
    unsent = outbox.count(page_session(), require_connection().id)
    return render_template("runs/confirm_pull.html", unsent=unsent)


@blueprint.post("/<int:run_id>/cancellation")
@administrators_only
def cancel(run_id: int) -> ResponseReturnValue:
    """End a run; what it did so far stays done."""
    if log.run_row(page_session(), run_id) is None:
        abort(404)
    # Of a run that it has ended its page says so.
    if not ask(lifecycle.cancel, run_id):
        flash(_("It had already ended."), "info")
    return lead_to_run(run_id)


@blueprint.post("/<int:run_id>/continuation")
@administrators_only
def go_on(run_id: int) -> ResponseReturnValue:
    """Continue a run that ended because the connection stopped working."""
    if log.run_row(page_session(), run_id) is None:
        abort(404)
    ask(resume_by_person.go_on, run_id)
    flash(_("It goes on where it stopped."), "good")
    return lead_to_run(run_id)


@blueprint.post("/<int:run_id>/answer")
@administrators_only
def answer(run_id: int) -> ResponseReturnValue:
    """Allow an automatic run that would change very much, or end it."""
    if log.run_row(page_session(), run_id) is None:
        abort(404)
    if request.form.get("answer") == "go":
        done, message = ask(mass_change.allow, run_id), _("It goes on.")
    else:
        done = ask(mass_change.decline, run_id)
        message = _("Left, and automatic sync is paused: switch it on again on the Integrations page.")
    flash(message if done else _("It does not ask any more."), "info")
    return lead_to_run(run_id)


@blueprint.post("/<int:run_id>/mail")
@administrators_only
def send_mail_again(run_id: int) -> ResponseReturnValue:
    """Send a push's mail again if it failed, or if it is unknown whether it has arrived."""
    if log.run_row(page_session(), run_id) is None:
        abort(404)
    if ask(mail_sending.send_about_run_again, run_id):
        flash(_("The mail is sent again."), "info")
    return lead_to_run(run_id)
