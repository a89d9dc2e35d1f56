"""The controls for the values of conditions: lists with counts where the values are known."""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from webapp.domain.records.fields import Field, FieldKind
from webapp.domain.rules.rule import WITHOUT_VALUE
from webapp.text.records.records import STATUS_LABELS, distinct
from webapp.text.translated import gettext as _
from webapp.text.translated import number_text
from webapp.usecases.rules.vocabulary import Vocabulary
from webapp.web.rules.forms import Row

Kind = Literal["none", "text", "suggested", "one", "several", "date", "number"]
_PLAIN: dict[FieldKind, Kind] = {"date": "date", "datetime": "date", "integer": "number", "number": "number"}
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
    if field is None:
        return Control("text")
    if row.operator in WITHOUT_VALUE:
        return Control("none")
    if field.kind == "yes_no":
        return Control("one", [("yes", _("yes")), ("no", _("no"))], (_truth(row.value),), is_open=False)
    plain = _PLAIN.get(field.kind)
    if plain is not None and row.operator != "any_of":
        return Control(plain)
    return _listed(row, field, known if known is not None and known.is_listed else Vocabulary())


def _listed(row: Row, field: Field, known: Vocabulary) -> Control:
    """The control of what has a list of values, as far as it has."""
    is_several = row.operator == "any_of"
    given = row.picked if is_several else (row.value,)
    chosen = tuple(_spelled(one, known) for one in given if one)
    also = chosen if is_several or known.is_closed else ()
    options = _options(known, labels_of(field, known), also)
    kind: Kind = "several" if is_several else "one" if known.is_closed else "suggested"
    return Control(kind if options else "text", options, chosen, not known.is_closed, known.is_all)


def labels_of(field: Field | None, known: Vocabulary) -> Mapping[str, str]:
    """The labels of a field's values, where they differ from the values."""
    return STATUS_LABELS if field is not None and field.kind == "status" else distinct(known.labels)


def _options(known: Vocabulary, labels: Mapping[str, str], also: Sequence[str]) -> list[tuple[str, str]]:
    """The values by their counts; chosen values that are not among them come last."""
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
