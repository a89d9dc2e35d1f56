"""Labels for the stable names of runs and of their entries."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

from flask import Flask

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import unturned
from webapp.domain.runs.kinds import RunKind, kind_of
from webapp.domain.runs.progress import OPEN_STATES
from webapp.errors import Problem
from webapp.store.runs import mass_change
from webapp.store.runs.log import LogEntry, Run
from webapp.store.runs.runs import options_of
from webapp.text import refusals, rules
from webapp.text.mapping import foreseen
from webapp.text.matching import evidence_phrase
from webapp.text.reasons import Reason, reason
from webapp.text.records.files import row_lines
from webapp.text.records.records import OBJECT_TYPES, called
from webapp.text.runs import runs as texts
from webapp.text.runs.runs import KINDS, STATES, TRIGGERS
from webapp.text.sync_states import SYNC_STATES
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.web.records.field_labels import label, property_label, value_label
from webapp.web.runs import names

# Pages show so many characters of a long value.
_SHOWN = 120


def register(app: Flask) -> None:
    """Give the templates these labels."""
    app.jinja_env.globals.update(
        kind_labels=KINDS,
        state_labels=STATES,
        trigger_labels=TRIGGERS,
        object_type_labels=OBJECT_TYPES,
        run_name=names.run_name,
        run_numbered=names.numbered,
        run_kind=run_kind,
        run_badge_of=badge_of,
        run_options=options_of,
        is_run_over=is_over,
        is_shortened=is_shortened,
        run_error=run_error,
        run_error_text=run_error_text,
        mail_explanation=texts.mail_explanation,
        mail_trouble=mail_trouble,
        record_error_text=record_error_text,
        wait_reason_label=wait_reason_label,
        wait_end=texts.wait_end,
        detail_lines=detail_lines,
        lines_of=lines_of,
        sync_state_labels=SYNC_STATES,
    )
    app.jinja_env.filters["shown"] = shown


def run_kind(run: Run) -> RunKind:
    """The properties of a run that depend only on its kind."""
    return kind_of(run.kind)


def is_over(run: Run) -> bool:
    """Whether nothing more will happen to a run."""
    return run.state not in OPEN_STATES


def badge_of(run: Run) -> tuple[str, str]:
    """How a run stands in a word, and the colour of its badge; one that waits for an answer does not run."""
    if run.waiting_for == mass_change.WAITING_FOR and not is_over(run):
        return _("Waiting"), "held"
    return STATES.get(run.state, run.state), run.state


def wait_reason_label(run: Run) -> str | None:
    """The reason why an unfinished run waits; None while it works."""
    if is_over(run) or not run.waiting_for:
        return None
    return texts.wait_reason(run.waiting_for)


def run_refused(run: Run) -> Reason | None:
    """Why an unfinished run waits to be tried again, and what a person can do; else None."""
    return None if is_over(run) else texts.REFUSED.get(run.waiting_for or "")


def run_error(run: Run) -> Reason | None:
    """Why a run failed and what can be done about it; None when it did not."""
    return texts.run_error(run.error) if run.error else None


def run_error_text(run: Run) -> str:
    """The further text about a failed or waiting run: ours, HubSpot's own, or what a developer reads."""
    text = run.error_text or ""
    known = refusals.stored_text(text)
    if known != text or not text:
        return known
    if "unexpected" in (run.error, run.waiting_for):
        return _("Details for a report: %(text)s", text=text)
    return _("HubSpot said: %(answer)s", answer=text)


def shown(value: Any) -> str:
    """A field's value as pages show what happened: a long one shortened, a blank one as `empty`."""
    text = whole(value)
    return f"{text[:_SHOWN]} …" if len(text) > _SHOWN else text


def whole(value: Any) -> str:
    """A field's value in full; a blank one reads as `empty`."""
    # What HubSpot holds is kept as it came, also where it is no value of a record yet.
    text = "" if value is None else unturned(str(value)).strip()
    return text or _("empty")


def is_shortened(changes: Iterable[Sequence[Any]]) -> bool:
    """Whether pages show any value of these changes, `[field, old, new]` each, in part only."""
    return any(isinstance(one, str) and len(one) > _SHOWN for _field, *values in changes for one in values)


def detail_lines(entry: LogEntry) -> list[str]:
    """The sentences that an entry's detail adds to its reason."""
    return lines_of(entry.object_type, entry.detail or {})


def lines_of(object_type: str, given: dict[str, Any], *, but: Container[str] = ()) -> list[str]:
    """The sentences of a detail; without those of some of its parts, which are said beside it."""
    detail = {name: value for name, value in given.items() if name not in but}
    kind: ObjectType = object_type  # type: ignore[assignment]
    lines = list(_misfit_lines(object_type, detail.get("fields", ())))
    if "row" in detail:
        lines += row_lines(detail["row"], detail.get("problems", {}))
    if "operator" in detail:
        lines.append(condition_text(object_type, detail))
    if candidates := detail.get("candidates"):
        lines.append(ngettext("%(num)s candidate here.", "%(num)s candidates here.", len(candidates)))
    if other := detail.get("resembles"):
        signs = evidence_phrase(detail.get("evidence", ()))
        lines.append(_likeness_line(called(object_type, other), signs))
    if "merged" in detail:
        name = called(object_type, detail.get("merged_name", ""))
        lines.append(_("Merged into it: %(name)s.", name=name))
    if merged := detail.get("there"):
        lines.append(_("In HubSpot %(primary)s and %(other)s are %(survivor)s now.", **merged))
    lines += [
        f"{heading}: {', '.join(detail[name])}."
        for name, heading in (
            ("addresses", _("Further e-mail addresses that came")),
            ("dropped", _("Further e-mail addresses that went")),
        )
        if detail.get(name)
    ]
    if refused := detail.get("refused"):
        fields = ", ".join(label(object_type, name) for name in refused)  # type: ignore[arg-type]
        lines.append(_("Not sent: %(fields)s.", fields=fields))
    if work := detail.get("work"):
        text = _(
            "Ours was not archived, since it holds what others put there: %(work)s.", work=", ".join(work)
        )
        lines.append(text)
    shown_as = (
        (detail.get("archived"), _("Archived in HubSpot")),
        (detail.get("message"), _("HubSpot answered")),
        (record_error_text(detail), _("Details")),
        (_property_text(kind, detail.get("property")), _("Property")),
        (detail.get("correlation_id"), _("HubSpot's correlation id")),
    )
    return lines + [f"{heading}: {text}" for text, heading in shown_as if text]


def _property_text(object_type: ObjectType, name: str | None) -> str:
    return property_label(object_type, name) if name else ""


def _likeness_line(name: str, signs: str) -> str:
    if signs:
        return _("Like %(name)s: %(signs)s.", name=name, signs=signs)
    return _("Like %(name)s.", name=name)


def mail_trouble(error_text: str) -> str:
    """Why a mail does not leave, as a part of a sentence."""
    return refusals.stored_text(error_text).removesuffix(".")


def record_error_text(detail: dict[str, Any] | None) -> str:
    """HubSpot's error about a record, or the foreseen one."""
    given = detail or {}
    if "foreseen" in given:
        return " ".join(foreseen(Problem(**one)) for one in given["foreseen"])
    return unturned(texts.record_error(given.get("error") or ""))


def condition_text(object_type: str, detail: dict[str, Any]) -> str:
    """A failing condition with the value that failed it."""
    kind: ObjectType = object_type  # type: ignore[assignment]
    given = detail.get("value")
    each = given if isinstance(given, list) else [] if given is None else [given]
    value = ", ".join(str(value_label(kind, detail["field"], one)) for one in each)
    operator = rules.operator(detail["operator"])
    condition = f"{label(kind, detail['field'])} {operator} {value}".strip()
    found = shown(value_label(kind, detail["field"], detail.get("actual")))
    return _("Required: %(condition)s. Found: %(found)s.", condition=condition, found=found)


def _misfit_lines(object_type: str, fields: Iterable[dict[str, Any]]) -> Iterable[str]:
    for item in fields:
        why = reason(item["reason"]).text
        field = label(object_type, item["field"])  # type: ignore[arg-type]
        value = shown(item.get("value"))
        yield _("%(field)s: %(reason)s It says: %(value)s", field=field, reason=why, value=value)
