"""Sentences about a run as a whole: who started it, what it came to, what its undo does."""

from flask import Flask
from markupsafe import Markup

from webapp.domain.runs.endings import ASSOCIATIONS, count_of, endings_of
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.options import UndoOptions
from webapp.domain.runs.outcomes import FAILED, HELD, OUTCOMES, UNCHANGED
from webapp.domain.runs.progress import Counts
from webapp.domain.undo import effects
from webapp.store.runs.log import Run, RunRow
from webapp.store.runs.runs import named_counts, options_of
from webapp.text.runs.outcomes import counted, counted_one
from webapp.text.runs.runs import KINDS
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.usecases.undo import run as undo_run
from webapp.web.moments import on_day
from webapp.web.presentation import number

_OF_RECORDS = ("companies", "contacts")


def register(app: Flask) -> None:
    """Give the templates these sentences."""
    app.jinja_env.globals.update(
        started_text=started_text,
        outcome_line=outcome_line,
        undo_button_text=undo_button_text,
        is_idle_undo=is_idle_undo,
    )


def started_text(row: RunRow) -> Markup:
    """Who or what started a run, and when, such as `Started by Demo today 04:53`."""
    run = row.run
    texts = {
        "button": _("Started by %(name)s %(when)s") if row.started_by else _("Started %(when)s"),
        "command": _("Started by %(name)s from the command line %(when)s")
        if row.started_by
        else _("Started from the command line %(when)s"),
        "schedule": _("Started by the schedule %(when)s"),
        "notice": _("Started by a message from HubSpot %(when)s"),
        "edit": _("Started by an edit here %(when)s"),
    }
    when = on_day(run.started_at or run.created_at)
    return Markup(texts[run.trigger]) % {"name": row.started_by, "when": when}  # noqa: S704 - ours, filled escaped


def outcome_line(run: Run, *, but: str = "") -> str:
    """How the records of a run ended, companies and contacts together, as far as it occurred.

    Args:
        run: The run.
        but: The name of an ending that is left out, since it stands beside the line.
    """
    phrases, counts = [], named_counts(run)
    for ending in endings_of(run.kind):
        count = sum(count_of(counts.get(kind, {}), ending) for kind in _OF_RECORDS)
        if count and ending.name != but:
            phrases.append(counted_one(ending.name, count, is_preview=run.is_preview, kind=run.kind))
    return ", ".join(phrases)


def associations_line(run: Run) -> str:
    """The same of who belongs to which company."""
    line = counted(run.counts.get(ASSOCIATIONS, {}), is_preview=run.is_preview, kind=run.kind)
    return _("Associations: %(line)s.", line=line) if line else ""


def result(run: Run, *, but: str = "") -> str:
    """The result of a run that is over, in one sentence; `but`: the ending that stands beside it."""
    done, line = records_done(run.counts), outcome_line(run, but=but)
    if not done:
        return str(_("There was nothing to do.") if run.state == "finished" else _("Nothing was done."))
    if run.state in ("cancelled", "failed"):
        return _cut_short(run, line or outcome_line(run))
    if done == sum(run.counts.get(kind, {}).get(UNCHANGED, 0) for kind in _OF_RECORDS):
        return _nothing_new(run.kind, done)
    count = number(done)
    if not line:
        return str(ngettext("%(count)s record.", "%(count)s records.", done, count=count))
    return str(
        ngettext("%(count)s record: %(line)s.", "%(count)s records: %(line)s.", done, count=count, line=line)
    )


def _cut_short(run: Run, line: str) -> str:
    if run.is_preview:
        return _("It stopped before its end, and lists only what it had read by then: %(line)s.", line=line)
    if run.state == "cancelled":
        return _("Cancelled. What was done by then stays done: %(line)s.", line=line)
    return _("It stopped before its end. What was done by then stays done: %(line)s.", line=line)


def _nothing_new(kind: str, done: int) -> str:
    if kind == "find_duplicates":
        return str(_("Nothing new was found among %(count)s records.", count=number(done)))
    return str(
        ngettext(
            "Nothing had to change: both sides of the record already agreed.",
            "Nothing had to change: both sides of all %(count)s records already agreed.",
            done,
            count=number(done),
        )
    )


def left_to_people(run: Run) -> int:
    """How many records a run has left to people, whether or not they have been decided since."""
    if run.is_preview or run.kind == "find_duplicates":
        return 0
    return sum(run.counts.get(kind, {}).get(HELD, 0) for kind in _OF_RECORDS)


def failed_in(run: Run) -> int:
    """How much of a run failed as a whole, associations included."""
    return sum(counts.get(FAILED, 0) for counts in run.counts.values())


def records_done(counts: Counts) -> int:
    """How many companies and contacts a run has come to."""
    return sum(counts.get(kind, {}).get(name, 0) for kind in _OF_RECORDS for name in OUTCOMES)


def undo_text(run: Run) -> str:
    """The effect of undoing a run, such as `remove 2,160 records`."""
    return _effects_text(effects.foreseen(run.kind, named_counts(run), undo_run.side_of(run)))


def undo_button_text(preview: Run) -> str:
    """The label of the button beside an undo's preview: `Undo Pull 2: remove 2,160 records`."""
    options = options_of(preview)
    if not isinstance(options, UndoOptions):
        return ""
    name = _(
        "Undo %(run)s", run=f"{KINDS.get(options.run_kind, kind_of(preview.kind).name)} {options.run_id}"
    )
    text = _effects_text(effects.planned(named_counts(preview)))
    return f"{name}: {text}" if text else name


def is_idle_undo(preview: Run) -> bool:
    """Whether the preview of an undo has found nothing to do. That of an import also frees its file."""
    options = options_of(preview)
    is_undo = isinstance(options, UndoOptions) and options.run_kind != "import"
    return is_undo and not effects.planned(named_counts(preview))


def _effects_text(found: dict[str, int]) -> str:
    texts = {
        effects.REMOVE: lambda n: ngettext(
            "remove %(count)s record", "remove %(count)s records", n, count=number(n)
        ),
        effects.ARCHIVE: lambda n: ngettext(
            "archive %(count)s record in HubSpot", "archive %(count)s records in HubSpot", n, count=number(n)
        ),
        effects.DEACTIVATE: lambda n: ngettext(
            "deactivate %(count)s record", "deactivate %(count)s records", n, count=number(n)
        ),
        effects.BRING_BACK: lambda n: ngettext(
            "bring back %(count)s record", "bring back %(count)s records", n, count=number(n)
        ),
        effects.PUT_BACK: lambda n: ngettext(
            "put back %(count)s record", "put back %(count)s records", n, count=number(n)
        ),
    }
    return ", ".join(texts[verb](count) for verb, count in found.items())
