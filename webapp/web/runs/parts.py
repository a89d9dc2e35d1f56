"""The changing parts of a run's page, each with the id of the element that shows it.

The page shows them all, and its stream sends those that changed. They say the same to everybody, so that
a frame costs the same whoever watches; and none holds anything to press while the run works, since what is
replaced twice a second cannot be clicked.
"""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, render_template
from markupsafe import Markup, escape
from msgspec import Struct

from webapp.domain.runs.endings import ASSOCIATIONS, count_of, endings_of
from webapp.domain.runs.kinds import kind_of, side_of
from webapp.domain.runs.many_held import commonest_evidence, many_held
from webapp.domain.runs.outcomes import HELD
from webapp.domain.runs.progress import Progress, spoken_step
from webapp.store.failing import failures
from webapp.store.held import of_run
from webapp.store.notifications import mails
from webapp.store.runs import log
from webapp.store.runs.log import Run, RunRow
from webapp.store.runs.progress import figures_of
from webapp.store.runs.runs import named_counts, options_of
from webapp.text.matching import evidence
from webapp.text.runs.runs import STATES, almost_done, duration_text, many_held_text, rate_text
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.web.presentation import number
from webapp.web.runs.labels import badge_of, is_over, run_error, run_refused, wait_reason_label
from webapp.web.runs.names import names_of, run_name
from webapp.web.runs.sentences import associations_line, failed_in, left_to_people, result
from webapp.web.services import reading

Parts = dict[str, Markup]

_RECORDS = ("companies", "contacts")


def register(app: Flask) -> None:
    """Give the list of runs its figures."""
    app.jinja_env.globals.update(
        run_progress=run_progress,
        run_duration=run_duration,
        duration_text=duration_text,
        done_text=done_text,
    )


def parts(row: RunRow, behind: Run | None = None) -> Parts:
    """The parts of a run's page at this moment, by element id.

    Args:
        row: The run.
        behind: The run for whose end it waits, if there is one.
    """
    run, figures = row.run, run_progress(row.run)
    news = {"refused": run_refused(run), "error": run_error(run), "asking": _asking(run)}
    return {
        "run-badge": Markup('<span class="badge {1}">{0}</span>').format(*badge_of(run)),
        "run-news": rendered("runs/page/_news.html", run=run, **news),
        "run-bar": rendered("runs/page/_bar.html", figures=figures, is_over=is_over(run)),
        "run-done": _line(run, figures, behind),
        "run-pace": escape(_pace_text(run, figures)),
        "run-spoken": escape(_spoken_text(run, figures)),
        "run-mail": mail_part(run),
        "run-held": held_part(run),
        "run-calls": escape(number(run.api_calls)),
        **_counts(run),
    }


def _asking(run: Run) -> str:
    """The name of the run for whose answer this one waits, if there is one."""
    other_id = (run.question or {}).get("asked_by")
    if other_id is None:
        return ""
    with reading() as session:
        return names_of(session, [other_id]).get(other_id, "")


def mail_part(run: Run) -> Markup:
    """How the mail about a push stands; nothing for other runs, or before the end."""
    if not kind_of(run.kind).sends_mail or run.is_preview or not is_over(run):
        return Markup()
    with reading() as session:
        mail = mails.of_run(session, run.id)
    return rendered("runs/page/_mail.html", run=run, is_over=True, mail=mail)


def held_part(run: Run) -> Markup:
    """The notice that a bulk run left very much to people, with the common signs; empty before its end."""
    held = many_held(run.counts) if kind_of(run.kind).is_bulk and is_over(run) else None
    if held is None:
        return Markup()
    with reading() as session:
        details = log.held_details(session, run.id)
    common = [(evidence(names), count) for names, count in commonest_evidence(details)]
    text = many_held_text(held, is_preview=run.is_preview)
    return rendered("runs/page/_many_held.html", run=run, text=text, common=common)


def run_progress(run: Run) -> Progress:
    """A run's figures at this moment."""
    return figures_of(run, datetime.now(UTC))


def run_duration(run: Run) -> str:
    """How long a run has taken so far; nothing before it began."""
    return duration_text(run_progress(run).elapsed_s) if run.started_at else ""


def counted(run: Run) -> list[str]:
    """The rows of a run's counts; with associations if records go out, or if it has any.

    It does not change while a run works, so that every number that comes finds its place.
    """
    is_sent = side_of(kind_of(run.kind), options_of(run)) == "there"
    return [*_RECORDS, ASSOCIATIONS] if is_sent or run.counts.get(ASSOCIATIONS) else [*_RECORDS]


def done_text(run: Run, figures: Progress) -> str:
    """How much is done, and of how much where that is known; a push also goes through who belongs where."""
    done = {"done": number(figures.done)}
    is_also_of_associations = bool(run.counts.get(ASSOCIATIONS) or run.totals.get(ASSOCIATIONS))
    if figures.total is None or figures.total == figures.done:
        if is_also_of_associations:
            return _("%(done)s records and associations", **done)
        return ngettext("%(done)s record", "%(done)s records", figures.done, **done)
    total = number(figures.total)
    if is_also_of_associations:
        return _("%(done)s of %(total)s records and associations", total=total, **done)
    return _("%(done)s of %(total)s records", total=total, **done)


def rendered(template: str, **context: Any) -> Markup:
    """A template of ours as a part."""
    return Markup(render_template(template, **context).strip())  # noqa: S704 - our own template escapes


def _line(run: Run, figures: Progress, behind: Run | None) -> Markup:
    """One line of how the run stands: what it waits for, how far it is, or what it came to."""
    left = _left(run) if is_over(run) else Left()
    return rendered(
        "runs/page/_line.html",
        run=run,
        result=result(run, but=HELD if left.held else "") if is_over(run) else "",
        associations=associations_line(run) if is_over(run) else "",
        left=left,
        behind=run_name(behind) if behind is not None else "",
        waiting=wait_reason_label(run) if run_refused(run) is None else None,
        done=done_text(run, figures),
    )


class Left(Struct, frozen=True):
    """What a run that is over has left.

    Attributes:
        held: how many records it left to people.
        open: how many of those nobody has decided yet; None if they are too many to look at.
        failing: how much of it fails still.
        is_partly: whether all of that was synced, but without some fields.
    """

    held: int = 0
    open: int | None = 0
    failing: int = 0
    is_partly: bool = False


def _left(run: Run) -> Left:
    if run.is_preview:
        return Left()
    held = left_to_people(run)
    with reading() as session:
        failing = failures.count(session, run.connection_id, run_id=run.id)
        open_now = of_run.count_open(session, run) if 0 < held <= of_run.MOST_LOOKED_AT else None
    return Left(held, open_now if held else 0, failing, is_partly=not failed_in(run))


def _pace_text(run: Run, figures: Progress) -> str:
    if run.started_at is None:
        return ""
    if is_over(run):
        phrases = [_("took %(time)s", time=duration_text(figures.elapsed_s))]
    else:
        phrases = [_("running for %(time)s", time=duration_text(figures.elapsed_s))]
    if figures.per_s is not None:
        phrases.append(_("%(number)s records a second", number=rate_text(figures.per_s)))
    if figures.left_s is not None:
        is_near = almost_done(figures.left_s)
        left = _("about %(time)s left", time=duration_text(figures.left_s))
        phrases.append(_("almost done") if is_near else left)
    return " · ".join(phrases)


def _spoken_text(run: Run, figures: Progress) -> str:
    """The text that is read out: new with every tenth and change of state, not with every record."""
    if is_over(run):
        return f"{run_name(run)}: {STATES[run.state].lower()}. {result(run)}"
    if wait_reason := wait_reason_label(run):
        return _("%(run)s: waiting for %(reason)s.", run=run_name(run), reason=wait_reason)
    if figures.percent is None:
        return f"{run_name(run)}: {STATES[run.state].lower()}."
    step = spoken_step(figures.percent)
    return _("%(run)s: %(percent)s %% done.", run=run_name(run), percent=step)


def _counts(run: Run) -> Parts:
    counts = named_counts(run)
    return {
        f"count-{each}-{ending.name}": _figure(count_of(counts.get(each, {}), ending))
        for each in counted(run)
        for ending in endings_of(run.kind)
    }


def _figure(count: int) -> Markup:
    """A count; nothing is quieter than something."""
    return escape(number(count)) if count else Markup('<span class="none">0</span>')
