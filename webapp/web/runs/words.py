"""Runs and their entries in words: what screens say for stable names."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask

from webapp.domain.links.state import STATES as SYNC_STATES
from webapp.domain.rules.rule import OPERATORS
from webapp.domain.runs.kinds import RunKind, kind_of
from webapp.domain.runs.options import BulkOptions, PushOptions, UndoOptions
from webapp.domain.runs.outcomes import OUTCOMES, REASONS, REFUSED, RUN_ERRORS, WAITING, Reason
from webapp.store.runs.log import LogEntry, Run
from webapp.store.runs.runs import options_of
from webapp.web.records.field_words import label
from webapp.web.services import services

KINDS = {
    "pull": "Pull",
    "push": "Push",
    "pull_record": "Pull of one record",
    "push_record": "Push of one record",
    "refresh": "Refresh",
    "decisions": "Decisions",
    "auto_push": "Automatic push",
    "reconcile": "Reconcile",
    "undo": "Undo",
}
STATES = {
    "queued": "Queued",
    "running": "Running",
    "finished": "Finished",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
TRIGGERS = {
    "button": "Button",
    "command": "Command line",
    "schedule": "Schedule",
    "notice": "HubSpot's notice",
    "edit": "Edit here",
}
OBJECT_TYPES = {"companies": ("Company", "Companies"), "contacts": ("Contact", "Contacts")}
# HubSpot's number for each type in the addresses of its own pages.
_TYPE_IDS = {"contacts": "0-1", "companies": "0-2"}
# Of a long value the log shows the beginning, in characters.
_SHOWN = 300


def register(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        kind_words=KINDS,
        state_words=STATES,
        trigger_words=TRIGGERS,
        object_type_words=OBJECT_TYPES,
        field_words=label,
        outcome_names=list(OUTCOMES),
        hubspot_address=hubspot_address,
        run_name=run_name,
        run_kind=run_kind,
        run_options=options_of,
        is_run_over=is_over,
        run_error=run_error,
        waiting_words=waiting_words,
        detail_lines=detail_lines,
        lines_of=lines_of,
        sync_state_words=SYNC_STATES,
    )
    app.jinja_env.filters["shown"] = shown


def run_name(run: Run) -> str:
    """What a run is called, such as `Pull 12`."""
    words, options = f"{KINDS[run.kind]}{' preview' if run.is_preview else ''} {run.id}", options_of(run)
    if isinstance(options, UndoOptions):
        return f"{words} of {_undone_name(options)}"
    if isinstance(options, PushOptions) and options.failing is not None:
        return f"{words}: what had failed"
    if isinstance(options, PushOptions) and options.records is not None:
        return f"{words}: what was held"
    fields = options.fields or {} if isinstance(options, BulkOptions) else {}
    named = [label(kind, name) for kind, names in fields.items() for name in names]
    return f"{words}: {', '.join(named)} alone" if named else words


def _undone_name(options: UndoOptions) -> str:
    """What an undo is of, such as `Pull 7: one record`."""
    name = f"{KINDS.get(options.run_kind, 'Run')} {options.run_id}"
    if options.object_type is not None and options.field is not None:
        return f"{name}: {label(options.object_type, options.field)} of one record"
    return f"{name}: one record" if options.record_id is not None else name


def run_kind(run: Run) -> RunKind:
    """What depends on a run's kind alone."""
    return kind_of(run.kind)


def is_over(run: Run) -> bool:
    """Whether nothing more will happen to a run."""
    return run.state not in ("queued", "running")


def waiting_words(run: Run) -> str | None:
    """What an unfinished run waits for; None while it works."""
    if is_over(run) or not run.waiting_for:
        return None
    return WAITING.get(run.waiting_for, run.waiting_for)


def run_refused(run: Run) -> Reason | None:
    """Why an unfinished run waits to be tried again, and what a person can do; else None."""
    return None if is_over(run) else REFUSED.get(run.waiting_for or "")


def run_error(run: Run) -> Reason | None:
    """Why a run failed and what can be done about it; None when it did not."""
    return RUN_ERRORS.get(run.error, Reason(run.error)) if run.error else None


def hubspot_address(portal_id: str, object_type: str, remote_id: str) -> str:
    """The page of an object in HubSpot."""
    base = services().settings.hubspot_app_url
    return f"{base}/contacts/{quote(portal_id)}/record/{_TYPE_IDS[object_type]}/{quote(remote_id)}"


def shown(value: Any) -> str:
    """A field's value as the log shows it; a blank one says that it is."""
    text = "" if value is None else str(value).strip()
    if not text:
        return "empty"
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def detail_lines(entry: LogEntry) -> list[str]:
    """What an entry's detail adds to its reason, a sentence each."""
    return lines_of(entry.object_type, entry.detail or {})


def lines_of(object_type: str, detail: dict[str, Any]) -> list[str]:
    """What a detail says, a sentence each."""
    lines = list(_misfit_lines(object_type, detail.get("fields", ())))
    if "operator" in detail:
        lines.append(condition_words(object_type, detail))
    if candidates := detail.get("candidates"):
        lines.append(f"{len(candidates)} candidate{'s' if len(candidates) > 1 else ''} here.")
    lines += [
        f"{words}: {', '.join(detail[name])}."
        for name, words in (
            ("addresses", "Further e-mail addresses that came"),
            ("dropped", "Further e-mail addresses that went"),
        )
        if detail.get(name)
    ]
    lines += [
        f"{words}: {detail[name]}"
        for name, words in (
            ("message", "HubSpot answered"),
            ("error", "Details"),
            ("property", "Property"),
            ("correlation_id", "HubSpot's correlation id"),
        )
        if detail.get(name)
    ]
    return lines


def condition_words(object_type: str, detail: dict[str, Any]) -> str:
    """A failing condition with the value that failed it."""
    wanted = detail.get("value")
    wanted = ", ".join(map(str, wanted)) if isinstance(wanted, list) else wanted
    operator = OPERATORS.get(detail["operator"], detail["operator"])
    condition = f"{label(object_type, detail['field'])} {operator} {'' if wanted is None else wanted}".strip()  # type: ignore[arg-type]
    return f"Asked for: {condition}. Found: {shown(detail.get('actual'))}."


def _misfit_lines(object_type: str, fields: Iterable[dict[str, Any]]) -> Iterable[str]:
    for item in fields:
        reason = REASONS.get(item["reason"], Reason(item["reason"]))
        yield f"{label(object_type, item['field'])}: {reason.text} It says: {shown(item.get('value'))}"  # type: ignore[arg-type]
