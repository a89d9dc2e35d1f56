"""The sync log: the runs, and what one of them did to each record, live while it works."""

from collections.abc import Container, Sequence
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user
from jinja2_fragments.flask import render_block
from msgspec import structs

from webapp.domain.records.fields import OBJECT_TYPES
from webapp.domain.runs.endings import ASSOCIATIONS, Ending, count_of, ending_named, endings_of
from webapp.domain.runs.outcomes import UNCHANGED
from webapp.store.connection import connections
from webapp.store.failing import failures
from webapp.store.runs import log
from webapp.store.runs.failures import FailureSelection
from webapp.store.runs.log import EntryFilter, Run, RunRow
from webapp.store.runs.runs import named_counts
from webapp.text.reasons import REASONS, explained
from webapp.text.records.records import OBJECT_TYPES as TYPE_NAMES
from webapp.text.runs.outcomes import ENDINGS, outcome
from webapp.text.runs.runs import KINDS, RUN_ERRORS, STATES, WAIT_REASONS
from webapp.text.translated import gettext as _
from webapp.usecases.people import audit as audit_log
from webapp.usecases.runs import resume_by_person
from webapp.web.addresses import row_number
from webapp.web.connection.setup import Bar, finished_bar, setup_bar
from webapp.web.fragments import wants_fragment
from webapp.web.live.sse import event_stream
from webapp.web.runs import csv_export as run_csv
from webapp.web.runs import labels as run_labels
from webapp.web.runs import parts as run_parts
from webapp.web.runs import sentences as run_sentences
from webapp.web.runs.entries import listed_entries
from webapp.web.runs.names import run_name
from webapp.web.runs.stream import RunStream, listed
from webapp.web.services import ask, end_reading, page_session

# Of more endings, those that did not occur are left out of the counts.
_MOST_COLUMNS = 6

blueprint = Blueprint("sync_log", __name__, url_prefix="/sync-log")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The runs, newest first."""
    kind = _one_of(KINDS, "kind")
    state = _one_of(STATES, "state")
    page = log.run_page(page_session(), kind=kind, state=state, after=request.args.get("after", ""))
    context: dict[str, Any] = {"page": page, "kind": kind, "state": state}
    context["address"] = lambda **place: url_for(".index", kind=kind, state=state, **place)
    if wants_fragment():
        return render_block("runs/index.html", "runs", **context)
    return render_template("runs/index.html", **context)


@blueprint.get("/reasons")
def reasons() -> ResponseReturnValue:
    """Every outcome and reason explained, each under its own address."""
    return render_template(
        "runs/reasons.html", groups=explained(), endings=ENDINGS, run_errors=RUN_ERRORS, waits=WAIT_REASONS
    )


@blueprint.get("/<int:run_id>")
def show(run_id: int) -> ResponseReturnValue:
    """One run and its entries, newest first."""
    row = _found(run_id)
    entry_filter = _entry_filter(row.run)
    found = listed_entries(page_session(), row.run, entry_filter, request.args.get("after", ""))
    filters, is_over = _filters(entry_filter), run_labels.is_over(row.run)
    is_queued = row.run.state == "queued"
    behind = log.running_bulk(page_session(), row.run.connection_id) if is_queued else None
    return render_template(
        "runs/page/show.html",
        row=row,
        run=row.run,
        name=run_name(row.run),
        parts=run_parts.parts(row, behind),
        counted=run_parts.counted(row.run),
        endings=_shown_endings(row.run),
        found=found,
        page=found.page,
        companies=found.companies,
        shown=listed(row.run, entry_filter),
        entry_filter=entry_filter,
        filters=filters,
        address=lambda **place: url_for(".show", run_id=run_id, **filters, **place),
        is_over=is_over,
        bar=_setup_bar(row.run),
        may_continue=is_over and _may_continue(row.run),
        may_retry=is_over and _may_retry(row.run),
        undos=log.undos_of(page_session(), run_id) if is_over else [],
        # Older pages stand still; only the newest entries stream in.
        is_live=found.page.is_first and not is_over,
        **_choices(row.run),
    )


def _shown_endings(run: Run) -> Sequence[Ending]:
    """The columns of the counts: of a run that is over and could end in many ways, those that occurred."""
    every = endings_of(run.kind)
    if len(every) <= _MOST_COLUMNS or not run_labels.is_over(run):
        return every
    counts = named_counts(run)
    return [one for one in every if any(count_of(of_type, one) for of_type in counts.values())] or every


def _setup_bar(run: Run) -> Bar | None:
    """The set-up, whose last steps are pulls."""
    if run.kind != "pull":
        return None
    bar = setup_bar("preview" if run.is_preview else "pull")
    if bar is not None and not (run.is_preview and run.state == "finished"):
        # The last step ticks itself off, and of an unfinished preview nobody can say that it is correct.
        return structs.replace(bar, next=None)
    return bar or finished_bar(run)


def _may_continue(run: Run) -> bool:
    """Whether this person may have a run go on that ended because the connection stopped working."""
    if not current_user.is_administrator:
        return False
    found = resume_by_person.continuable(page_session(), connections.get(page_session(), run.connection_id))
    return found is not None and found.id == run.id


def _may_retry(run: Run) -> bool:
    """Whether something of a run fails still, that this person may try again."""
    if run.is_preview or not current_user.is_administrator:
        return False
    return failures.has_any(page_session(), run.connection_id, FailureSelection(run_id=run.id))


def _choices(run: Run) -> dict[str, list[tuple[str, str]]]:
    """The filters of the entries: values with their labels."""
    names = [one.name for one in endings_of(run.kind) if one.outcome != UNCHANGED]
    outcomes = [(name, outcome(name, is_preview=run.is_preview, kind=run.kind)) for name in names]
    return {
        "outcomes": [("", _("All")), *outcomes],
        "types": [("", _("All")), *_types(run)],
        "reasons": [("", _("Any reason")), *((name, reason.text) for name, reason in REASONS.items())],
    }


def _types(run: Run) -> list[tuple[str, str]]:
    of_records: list[tuple[str, str]] = [(name, names[1]) for name, names in TYPE_NAMES.items()]
    return [*of_records, (ASSOCIATIONS, _("Associations"))] if run.counts.get(ASSOCIATIONS) else of_records


@blueprint.get("/<int:run_id>/entries.csv")
def export(run_id: int) -> ResponseReturnValue:
    """A run's entries as a file, with the filters of its page."""
    entry_filter = _entry_filter(_found(run_id).run)
    ask(audit_log.record_export, "run", run_id=run_id)
    # This request's database connection goes back to the pool: the file may be long.
    end_reading()
    answer = Response(stream_with_context(run_csv.rows(run_id, entry_filter)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="run-{run_id}.csv"'
    return answer


@blueprint.get("/<int:run_id>/row")
def show_row(run_id: int) -> ResponseReturnValue:
    """A run's line in the list, which is fetched again until the run is over."""
    return render_template("runs/_run.html", row=_found(run_id))


@blueprint.get("/<int:run_id>/mail")
def show_mail(run_id: int) -> ResponseReturnValue:
    """How the mail about a push stands; fetched again while it waits."""
    return str(run_parts.mail_part(_found(run_id).run))


@blueprint.get("/<int:run_id>/stream")
def stream(run_id: int) -> ResponseReturnValue:
    """The page of a run as events; ends with `over` when the run has ended."""
    shown = request.args.get("shown", type=row_number) or 0
    entry_filter = _entry_filter(_found(run_id).run)
    address = url_for(".show", run_id=run_id, **_filters(entry_filter))
    return event_stream(RunStream(run_id, entry_filter, shown, address))


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    run_labels.register(app)
    run_sentences.register(app)
    run_parts.register(app)


def _found(run_id: int) -> RunRow:
    row = log.run_row(page_session(), run_id)
    if row is None:
        abort(404, _("There is no such run. Its log may have been cleared away."))
    return row


def _entry_filter(run: Run) -> EntryFilter:
    return EntryFilter(
        ending=ending_named(run.kind, request.args.get("outcome")),
        object_type=_one_of((*OBJECT_TYPES, ASSOCIATIONS), "type"),
        reason=_one_of(REASONS, "reason"),
        name=request.args.get("q", "").strip()[:100],
    )


def _filters(entry_filter: EntryFilter) -> dict[str, Any]:
    """The filter as the address carries it."""
    given = {
        "outcome": entry_filter.ending.name if entry_filter.ending else None,
        "type": entry_filter.object_type,
        "reason": entry_filter.reason,
        "q": entry_filter.name,
    }
    return {name: value for name, value in given.items() if value}


def _one_of(known: Container[str | None], name: str) -> str | None:
    """A filter's value if it is a known one; anything else filters nothing."""
    value = request.args.get(name)
    return value if value in known else None
