"""Undo of a run, of one record in it, or of one field: what it would do is shown first, as a preview."""

from flask import Blueprint, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.errors import Problem
from webapp.store.runs import log
from webapp.store.runs.log import LogEntry, Run
from webapp.text.refusals import refusal
from webapp.text.translated import gettext as _
from webapp.usecases.runs import retention
from webapp.usecases.undo import run as undo_run
from webapp.usecases.undo.run import UndoRequest
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.runs.leading import lead_to_started
from webapp.web.runs.names import run_name
from webapp.web.runs.sentences import undo_text
from webapp.web.services import ask, page_session, services

blueprint = Blueprint("undo", __name__, url_prefix="/sync-log/<int:run_id>/undo")


@blueprint.get("")
@administrators_only
def show(run_id: int) -> ResponseReturnValue:
    """The effect of an undo in general, and its choices."""
    run = _found(run_id)
    entry = _entry(run_id)
    return render_template(
        "undo/show.html",
        run=run,
        entry=entry,
        name=run_name(run),
        side=undo_run.side_of(run),
        refusal=refusal(Problem(code)) if (code := undo_run.refusal(run)) else None,
        has_created=_has_created(run, entry),
        effects=undo_text(run),
        kept_until=retention.kept_until(services().settings, run),
        companies=log.companies_named(page_session(), [entry]) if entry is not None else log.CompanyNames(),
    )


@blueprint.post("")
@administrators_only
def preview(run_id: int) -> ResponseReturnValue:
    """Start the preview of the undo that was chosen, and lead to it."""
    _found(run_id)
    entry = _entry(run_id)
    undo_request = UndoRequest(
        run_id=run_id,
        object_type=_object_type(entry) if entry is not None else None,
        record_id=entry.record_id if entry is not None else None,
        only_field=request.form.get("field") or None,
        archives="archives" in request.form,
        sends="sends" in request.form,
    )
    started = ask(undo_run.start, undo_request, trigger="button", user_id=current_user.id, is_preview=True)
    return lead_to_started(started)


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(may_undo=may_undo)


def may_undo(run: Run) -> bool:
    """Whether there is something in a run that this person may undo."""
    wrote = any(counts.get("created") or counts.get("updated") for counts in run.counts.values())
    return bool(current_user.is_administrator and wrote and undo_run.refusal(run) is None)


def _found(run_id: int) -> Run:
    row = log.run_row(page_session(), run_id)
    if row is None:
        abort(404, _("There is no such run. Its log may have been cleared away."))
    return row.run


def _entry(run_id: int) -> LogEntry | None:
    """The entry that is meant alone; None for the whole run."""
    if "entry" not in request.values:
        return None
    seq = request.values.get("entry", type=row_number)
    entry = log.entry(page_session(), run_id, seq) if seq is not None else None
    if entry is None or entry.record_id is None:
        abort(404, _("There is no such entry. Its log may have been cleared away."))
    return entry


def _object_type(entry: LogEntry) -> ObjectType:
    return "companies" if entry.object_type == "companies" else "contacts"


def _has_created(run: Run, entry: LogEntry | None) -> bool:
    if entry is not None:
        return entry.outcome == "created"
    return any(counts.get("created") for counts in run.counts.values())
