"""The controls by which conditions name their values: lists with counts where the values are known."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from webapp.domain.records.fields import Field
from webapp.text.records import STATUS_LABELS, distinct
from webapp.text.translated import gettext as _
from webapp.text.translated import number_text
from webapp.usecases.rules.vocabulary import Vocabulary
from webapp.web.rules.forms import Row

Kind = Literal["none", "text", "suggested", "one", "several", "date", "number"]
_BLANK = ("is_blank", "is_not_blank")
_UNKNOWN = Vocabulary()
_MOST_SUGGESTED = 100


class Control(Struct, frozen=True):
    """How a condition's value is given.

    Attributes:
        options: of a list: each value with its text.
        chosen: the values chosen, as the list spells them.
        is_open: whether values that are not in the list may be typed.
        is_all: whether the counts are of all records.
    """

    kind: Kind
    options: Sequence[tuple[str, str]] = ()
    chosen: tuple[str, ...] = ()
    is_open: bool = True
    is_all: bool = True


def control_of(row: Row, field: Field | None, known: Vocabulary | None) -> Control:
    """The control of a condition.

    Args:
        row: The condition.
        field: What it asks about.
        known: The values of that field, where there is a list.
    """
    if row.operator in _BLANK or field is None:
        return Control("none" if field is not None else "text")
    if field.kind == "yes_no":
        return Control("one", [("yes", _("yes")), ("no", _("no"))], (_truth(row.value),), is_open=False)
    if field.kind in ("date", "datetime"):
        return Control("date")
    if field.kind in ("integer", "number"):
        return Control("text" if row.operator == "any_of" else "number")
    listed = known or _UNKNOWN
    labels = labels_of(field, listed)
    if row.operator == "any_of":
        chosen = tuple(_spelled(one, listed) for one in row.picked)
        options = _options(listed, labels, chosen)
        return Control("several" if options else "text", options, chosen, not listed.is_closed, listed.is_all)
    if not listed.counts:
        return Control("text")
    options = _options(listed, labels, (row.value,) if row.value and listed.is_closed else ())
    kind: Kind = "one" if listed.is_closed else "suggested"
    return Control(kind, options, (_spelled(row.value, listed),), not listed.is_closed, listed.is_all)


def labels_of(field: Field | None, known: Vocabulary) -> Mapping[str, str]:
    """What a field's values are called, where that is something else than they themselves."""
    return STATUS_LABELS if field is not None and field.kind == "status" else distinct(known.labels)


def _options(known: Vocabulary, labels: Mapping[str, str], also: Sequence[str]) -> list[tuple[str, str]]:
    """The values in order of their counts; those chosen that are none of them come last."""
    listed = [
        (value, f"{labels.get(value, value)} ({number_text(count)})")
        for value, count in list(known.counts.items())[:_MOST_SUGGESTED]
    ]
    given = {value.casefold() for value, _text in listed}
    more = [one for one in dict.fromkeys(also) if one.casefold() not in given]
    return listed + [(one, labels.get(one, one)) for one in more]


def _spelled(value: str, known: Vocabulary) -> str:
    """A value as the list spells it."""
    return next((one for one in known.counts if one.casefold() == value.casefold()), value)


def _truth(text: str) -> str:
    return {_("yes"): "yes", _("no"): "no"}.get(text, text)
