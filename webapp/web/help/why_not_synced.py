"""The document that explains every reason, made from them by `python -m webapp.web.help`."""

from pathlib import Path

from webapp.text.reasons import Reason, explained
from webapp.text.runs.outcomes import ENDINGS, OUTCOMES
from webapp.text.runs.runs import RUN_ERRORS, WAIT_REASONS
from webapp.text.sentence import sentence_case
from webapp.text.translated import gettext as _
from webapp.text.translated import mark

PAGE = Path(__file__).parents[3] / "docs" / "why-not-synced.md"
_TITLE = mark("Why did my record not sync?")
_WHERE = mark(
    "Open the record: its sync panel says how it stands with HubSpot and why. For something in HubSpot that "
    "is not here at all, look under *Needs you*, *Not imported*, or ask on the command line: "
    "`flask --app webapp explain contacts --hubspot-id 123`."
)
_WHAT = mark(
    "This page explains every reason that the panel, the sync log and the lists name, and what helps."
)


def page() -> str:
    """The whole document as Markdown, in the language of the moment."""
    parts = [
        f"# {_(_TITLE)}",
        _(_WHERE),
        _(_WHAT),
        _table(_("How a record ends in a run"), [(OUTCOMES[name], text) for name, text in ENDINGS.items()]),
        *(
            _table(heading, [(f"`{name}`", _explained(reason)) for name, reason in reasons])
            for heading, reasons in explained()
        ),
        _table(
            _("Why a run failed"), [(f"`{name}`", _explained(reason)) for name, reason in RUN_ERRORS.items()]
        ),
        _table(
            _("What a run waits for"),
            [(f"`{name}`", f"{sentence_case(text)}.") for name, text in WAIT_REASONS.items()],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _table(heading: str, rows: list[tuple[str, str]]) -> str:
    lines = [f"| {name} | {_cell(text)} |" for name, text in rows]
    head = _("| name | what it means, and *what helps* |")
    return "\n".join([f"## {heading}", "", head, "|---|---|", *lines])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _explained(reason: Reason) -> str:
    return f"{reason.text} *{reason.remedy}*" if reason.remedy else reason.text
