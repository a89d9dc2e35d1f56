"""Changes of the mapping as lines: the subject, the old state, and the new one."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.mapping.changes import Change, What
from webapp.text.mapping import BLANKS, DIRECTIONS
from webapp.text.records.records import STATUS_LABELS
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext, number_text
from webapp.usecases.mapping.extent import Extent


def change_line(change: Change, names: Mapping[str, str]) -> tuple[str, str, str]:
    """A change as three texts: what it is about, how that was, and how it would be.

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


def concerned(extent: Extent) -> str:
    """The sentence that says how many linked records are synced by a mapping."""
    return ngettext(
        "It concerns %(number)s linked record.",
        "It concerns %(number)s linked records.",
        extent.linked,
        number=number_text(extent.linked),
    )


def holding(change: Change, extent: Extent) -> str:
    """How many records here have the status that a change is about; empty for any other change."""
    if change.what != "status_out":
        return ""
    count = extent.by_status.get(change.name, 0)
    if extent.is_all:
        return ngettext(
            "%(number)s record here has this status",
            "%(number)s records here have this status",
            count,
            number=number_text(count),
        )
    return ngettext(
        "%(number)s of the newest records here has this status",
        "%(number)s of the newest records here have this status",
        count,
        number=number_text(count),
    )
