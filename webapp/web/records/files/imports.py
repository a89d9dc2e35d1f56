"""Imports in the browser: upload, columns, check, import, result. Each is a step that can be come back to."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.errors import RefusedError
from webapp.store.records.files import file_imports, kept_files, planned_rows
from webapp.store.records.files.kept_files import CsvImport
from webapp.store.runs import log
from webapp.text.matching import evidence
from webapp.text.records.files import ENCODINGS, IMPORT_STATES, ROW_OUTCOMES, ROWS, separator_name
from webapp.text.refusals import refused
from webapp.text.runs.runs import duration_text
from webapp.text.translated import gettext as _
from webapp.usecases.records.files import import_run, uploading
from webapp.usecases.runs import lifecycle
from webapp.web.access import administrators_only
from webapp.web.fragments import wants_fragment
from webapp.web.records.files import bad_rows, view
from webapp.web.runs.parts import run_progress
from webapp.web.services import ask, page_session

blueprint = Blueprint("imports", __name__)

_OF_TYPE = "/<any(companies, contacts):object_type>/import"
_ONE = f"{_OF_TYPE}/<int:import_id>"
_MOST_LISTED = 10


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(
        import_states=IMPORT_STATES, row_outcomes=ROW_OUTCOMES, duration_text=duration_text
    )


@blueprint.get(_OF_TYPE)
@administrators_only
def begin_import(object_type: ObjectType) -> ResponseReturnValue:
    """Choose a file; and the files that were uploaded last."""
    return _file_page(object_type)


@blueprint.post(_OF_TYPE)
@administrators_only
def receive(object_type: ObjectType) -> ResponseReturnValue:
    """Store a file and lead to its columns; a problem with it is shown beside the field."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _file_page(object_type, RefusedError("no_file")), 422
    try:
        import_id = ask(uploading.receive, object_type, given.stream, given.filename, user_id=current_user.id)
    except RefusedError as error:
        return _file_page(object_type, error), 422
    return redirect(url_for(".columns", object_type=object_type, import_id=import_id), 303)


def _file_page(object_type: ObjectType, error: RefusedError | None = None) -> str:
    recent = kept_files.latest(page_session(), object_type, _MOST_LISTED)
    return render_template(
        "records/files/upload.html",
        object_type=object_type,
        recent=[(one, view.standing(one)) for one in recent],
        error=refused(error) if error is not None else "",
        kept_days=uploading.KEPT_FOR.days,
    )


@blueprint.get(f"{_ONE}/columns")
@administrators_only
def columns(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """The meaning of each column: as chosen, else as recognised."""
    kept = _found(object_type, import_id)
    headings, labels = uploading.layout(kept).headings, view.labels_of(object_type)
    chosen = kept.columns or ask(uploading.suggested, object_type, headings, labels)
    return _columns_page(_found(object_type, import_id), chosen)


@blueprint.post(f"{_ONE}/columns")
@administrators_only
def choose(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """Keep what was chosen, and check the file."""
    kept = _found(object_type, import_id)
    headings = uploading.layout(kept).headings
    known = [name for name, _ in view.choices_of(view.labels_of(object_type), headings)]
    given = [request.form.get(f"column.{place}", "") for place in range(len(headings))]
    chosen = [name if name in known else "" for name in given]
    try:
        ask(uploading.choose, import_id, headings, chosen, again="again" in request.form)
        ask(import_run.start, import_id, user_id=current_user.id, is_preview=True)
    except RefusedError as error:
        return _columns_page(_found(object_type, import_id), chosen, refused(error)), 422
    return redirect(url_for(".show", object_type=object_type, import_id=import_id), 303)


@blueprint.post(f"{_ONE}/encoding")
@administrators_only
def read_as(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """Read a file in the encoding that was chosen, and lead to its columns."""
    kept = _found(object_type, import_id)
    if view.standing(kept).state in ("checking", "importing"):
        abort(409, _("A run is working on it. Cancel that run first, or wait until it has ended."))
    chosen = next((one for one in view.readings_of(kept) if one == request.form.get("encoding")), None)
    if chosen is None:
        abort(422, _("The file cannot be read like that. Choose one of those on its page."))
    ask(uploading.read_as, import_id, chosen)
    return redirect(url_for(".columns", object_type=object_type, import_id=import_id), 303)


def _columns_page(kept: CsvImport, chosen: list[str], error: str = "") -> str:
    object_type, layout = view.type_of(kept), uploading.layout(kept)
    return render_template(
        "records/files/columns.html",
        kept=kept,
        object_type=object_type,
        columns=view.columns_of(layout, chosen),
        choices=view.choices_of(view.labels_of(object_type), [*layout.headings, *chosen]),
        readings=[(one, f"{ENCODINGS[one]}: {text}") for one, text in view.readings_of(kept).items()],
        encoding_name=layout.encoding,
        was_imported=bool(file_imports.stored_rows(page_session(), object_type, kept.digest)),
        error=error,
        **_about(kept),
    )


@blueprint.get(_ONE)
@administrators_only
def show(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """How an import stands; for htmx the part that changes."""
    kept = _found(object_type, import_id)
    now = view.standing(kept)
    if now.state == "columns":
        return redirect(url_for(".columns", object_type=object_type, import_id=import_id), 303)
    context = {**_about(kept), "kept": kept, "object_type": object_type, "standing": now}
    context |= _rows(kept, now)
    if not wants_fragment():
        return render_template("records/files/import.html", **context)
    return make_response(render_template("records/files/_import.html", **context))


def _about(kept: CsvImport) -> dict[str, Any]:
    layout = uploading.layout(kept)
    return {
        "rows": layout.rows,
        "encoding": ENCODINGS[layout.encoding],
        "separator": separator_name(layout.separator),
    }


def _rows(kept: CsvImport, now: view.Standing) -> dict[str, Any]:
    """A page of rows of a checked file, or the progress of a run at work."""
    if now.run is None or now.state != "checked":
        figures = run_progress(now.run.run) if now.run is not None else None
        undos = log.undos_of(page_session(), now.run.run.id) if now.run and now.state == "over" else []
        return {"figures": figures, "undos": undos}
    object_type, given = view.type_of(kept), request.args.get("rows", "")
    shown = given if given in ROWS else ""
    page = planned_rows.page(page_session(), kept.id, shown=shown, after=request.args.get("after", ""))
    return {
        "shown": shown,
        "page": page,
        "tabs": view.tabs_of(kept),
        "problems": {row.number: view.problems_of(object_type, row) for row in page.rows},
        "companies": log.companies_named(page_session(), page.rows),
        "evidence": evidence,
        "address": lambda **place: url_for(
            ".show", object_type=object_type, import_id=kept.id, rows=shown or None, **place
        ),
    }


@blueprint.post(f"{_ONE}/check")
@administrators_only
def check(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """Check a file once more."""
    _found(object_type, import_id)
    ask(import_run.start, import_id, user_id=current_user.id, is_preview=True)
    return redirect(url_for(".show", object_type=object_type, import_id=import_id), 303)


@blueprint.post(f"{_ONE}/run")
@administrators_only
def begin(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """Import a file that was checked."""
    _found(object_type, import_id)
    ask(
        import_run.start,
        import_id,
        user_id=current_user.id,
        is_preview=False,
        skips_bad_rows="skip" in request.form,
    )
    return redirect(url_for(".show", object_type=object_type, import_id=import_id), 303)


@blueprint.post(f"{_ONE}/cancellation")
@administrators_only
def cancel(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """End the check or the import that is under way; what was stored stays."""
    now = view.standing(_found(object_type, import_id))
    if now.run is not None and ask(lifecycle.cancel, now.run.run.id):
        flash(_("Cancelled. What was stored so far stays, and can be undone."), "info")
    else:
        flash(_("It had already ended."), "info")
    return redirect(url_for(".show", object_type=object_type, import_id=import_id), 303)


@blueprint.post(f"{_ONE}/deletion")
@administrators_only
def discard(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """Delete an uploaded file."""
    if view.standing(_found(object_type, import_id)).state in ("checking", "importing"):
        abort(409, _("A run is working on it. Cancel that run first, or wait until it has ended."))
    ask(uploading.discard, import_id)
    flash(_("The file was deleted. What was imported from it stays."), "good")
    return redirect(url_for(".begin_import", object_type=object_type), 303)


@blueprint.get(f"{_ONE}/bad-rows.csv")
@administrators_only
def export_bad_rows(object_type: ObjectType, import_id: int) -> ResponseReturnValue:
    """The rows that have errors as a file to be mended and imported."""
    kept = _found(object_type, import_id)
    lines = ask(bad_rows.lines, kept.id, object_type, uploading.layout(kept))
    headers = {"Content-Disposition": f'attachment; filename="import-{import_id}-bad-rows.csv"'}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _found(object_type: ObjectType, import_id: int) -> CsvImport:
    kept = kept_files.get(page_session(), import_id)
    if kept is None or kept.object_type != object_type:
        days = uploading.KEPT_FOR.days
        text = _(
            "This file is not here any more: files are deleted %(days)s days after their last use.", days=days
        )
        abort(404, text)
    return kept
