"""Changes of the mapping as lines: the subject, the old state, and the new one."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.mapping.changes import Change, What
from webapp.text.mapping import BLANKS, DIRECTIONS
from webapp.text.records.records import STATUS_LABELS
from webapp.text.translated import gettext as _


def change_line(change: Change, names: Mapping[str, str]) -> tuple[str, str, str]:
    """A change as three texts.

    Args:
        change: The change.
        names: What HubSpot's properties and values are called, by their internal names.
    """
    labels: dict[What, Mapping[Any, str]] = {
        "direction": DIRECTIONS,
        "blanks": BLANKS,
        "status_in": STATUS_LABELS,
    }
    known: Mapping[Any, str] = labels.get(change.what, names)
    if change.what == "status_in":
        return _about(change, names), *_values(change, known, _("the status is left alone"))
    nothing = _("not sent") if change.what == "status_out" else _("none")
    return _about(change, names), *_values(change, known, nothing)


def _about(change: Change, names: Mapping[str, str]) -> str:
    if change.what == "status_in":
        return _("HubSpot's “%(value)s” comes in as", value=names.get(change.name, change.name))
    if change.what == "status_out":
        return _("Our “%(status)s” is sent as", status=STATUS_LABELS.get(change.name, change.name))
    if change.what == "option":
        return _("Option “%(option)s”", option=change.name)
    return {"property": _("Property in HubSpot"), "direction": _("Direction")}.get(change.what, _("Blanks"))


def _values(change: Change, known: Mapping[Any, str], nothing: str) -> tuple[str, str]:
    before, after = (known.get(value, value) if value else nothing for value in (change.before, change.after))
    return before, after
