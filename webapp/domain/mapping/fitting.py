"""The type table: which kind of field goes with which kind of property, which ways, by what conversion."""

from msgspec import Struct

from webapp.domain.mapping.definitions import PROPERTY_KINDS, Property, PropertyKind
from webapp.domain.mapping.mapping import Direction
from webapp.domain.records.fields import Field, FieldKind


class Fit(Struct, frozen=True):
    """How a field and a property go together: the possible directions, and the conversion in words."""

    directions: tuple[Direction, ...]
    conversion: str


_BOTH: tuple[Direction, ...] = ("both", "in", "out", "off")
_IN: tuple[Direction, ...] = ("in", "off")

FIELD_KINDS: dict[FieldKind, str] = {
    "text": "text",
    "long_text": "long text",
    "integer": "whole number",
    "number": "number",
    "date": "date",
    "datetime": "date and time",
    "yes_no": "yes or no",
    "choice": "single choice",
    "choices": "multiple choice",
    "email": "e-mail",
    "phone": "phone",
    "domain": "domain",
    "url": "web address",
    "status": "status",
    "company": "company",
}
"""What each kind of field is called on screen."""

_SAME = Fit(_BOTH, "as it is")
_AS_TEXT: dict[PropertyKind, Fit] = {
    "text": _SAME,
    "phone": _SAME,
    "number": Fit(_IN, "the number as text"),
    "date": Fit(_IN, "the date as text, 2026-11-24"),
    "datetime": Fit(_IN, "the moment as text, in UTC"),
    "yes_no": Fit(_IN, "as text: true or false"),
    "choice": Fit(_IN, "HubSpot's internal value as text"),
    "choices": Fit(_IN, "HubSpot's internal values as text, joined by ;"),
}
_NUMBERS: dict[PropertyKind, Fit] = {"number": _SAME, "text": Fit(_BOTH, "the number as text")}

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
        "datetime": Fit(_IN, "the day of the moment, in UTC"),
        "text": Fit(_BOTH, "the date as text, 2026-11-24"),
    },
    "datetime": {"datetime": _SAME, "date": Fit(_IN, "midnight of the day, in UTC")},
    "yes_no": {"yes_no": Fit(_BOTH, "yes is true, no is false")},
    "choice": {"choice": Fit(_BOTH, "option by option")},
    "choices": {
        "choices": Fit(_BOTH, "option by option, joined by ;"),
        "choice": Fit(_IN, "the one option"),
    },
    "status": {"choice": Fit(_BOTH, "through the status tables")},
}
"""By the field's kind and the property's; what is missing does not fit."""


def fit(field: Field, prop: Property) -> Fit | None:
    """How they go together, as far as the property lets itself be written; None when they do not."""
    found = FITS.get(field.kind, {}).get(prop.kind)
    if found is None or not prop.is_written_by_hubspot_alone:
        return found
    return Fit(_IN, found.conversion)


def fitting_words(field: Field) -> str:
    """What fits a field, in words: "text, or phone number"."""
    kinds = [PROPERTY_KINDS[kind] for kind in FITS.get(field.kind, {})]
    return " or ".join(kinds) or "none: it follows from HubSpot's associations"
