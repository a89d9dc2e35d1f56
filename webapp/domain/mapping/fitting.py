"""The type table: which kinds of fields and properties fit, in which directions, by which conversion."""

from msgspec import Struct

from webapp.domain.mapping.definitions import Property, PropertyKind
from webapp.domain.mapping.mapping import Direction
from webapp.domain.records.fields import Field, FieldKind


class Fit(Struct, frozen=True):
    """How a field and a property fit: the possible directions, and the name of the conversion."""

    directions: tuple[Direction, ...]
    conversion: str


_BOTH: tuple[Direction, ...] = ("both", "in", "out", "off")
_IN: tuple[Direction, ...] = ("in", "off")

_SAME = Fit(_BOTH, "as_it_is")
_AS_TEXT: dict[PropertyKind, Fit] = {
    "text": _SAME,
    "phone": _SAME,
    "number": Fit(_IN, "number_as_text"),
    "date": Fit(_IN, "date_as_text"),
    "datetime": Fit(_IN, "moment_as_text"),
    "yes_no": Fit(_IN, "truth_as_text"),
    "choice": Fit(_IN, "option_as_text"),
    "choices": Fit(_IN, "options_as_text"),
}
_NUMBERS: dict[PropertyKind, Fit] = {"number": _SAME, "text": Fit(_BOTH, "number_as_text")}

FITS: dict[FieldKind, dict[PropertyKind, Fit]] = {
    "text": _AS_TEXT,
    "long_text": _AS_TEXT,
    "email": {"text": _SAME},
    "domain": {"text": _SAME},
    "url": {"text": _SAME},
    "phone": {"phone": _SAME, "text": _SAME},
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "date": {
        "date": _SAME,
        "datetime": Fit(_IN, "day_of_moment"),
        "text": Fit(_BOTH, "date_as_text"),
    },
    "datetime": {"datetime": _SAME, "date": Fit(_IN, "midnight")},
    "yes_no": {"yes_no": Fit(_BOTH, "truth")},
    "choice": {"choice": Fit(_BOTH, "option_by_option")},
    "choices": {
        "choices": Fit(_BOTH, "options_joined"),
        "choice": Fit(_IN, "one_option"),
    },
    "status": {"choice": Fit(_BOTH, "status_tables")},
}
"""By the kinds of field and property; missing pairs do not fit."""


def fit(field: Field, prop: Property) -> Fit | None:
    """How they fit, given whether the property can be written; None if they do not."""
    found = FITS.get(field.kind, {}).get(prop.kind)
    if found is None or not prop.is_written_by_hubspot_alone:
        return found
    return Fit(_IN, found.conversion)


def fitting(field: Field) -> tuple[PropertyKind, ...]:
    """The kinds of property that fit a field; empty for a field that follows from associations."""
    return tuple(FITS.get(field.kind, {}))
