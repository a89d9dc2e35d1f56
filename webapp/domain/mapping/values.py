"""Single values on their way between HubSpot's texts and our fields.

HubSpot sends every value as a text or null. `to_local` makes a local value of it or gives the reason why not;
`to_remote` is the way back, and `agree` compares the two sides' values.
"""

import re
from collections.abc import Callable

from msgspec import Struct

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.conversions import READERS, in_order, parts, written
from webapp.domain.records.fields import Field, FieldKind
from webapp.domain.records.keys import domain_key
from webapp.domain.records.values import Value, clean

_LARGEST_INTEGER = 2**31 - 1
_INTEGER = re.compile(r"[+-]?\d{1,10}(\.0*)?")
_CONVERTED = frozenset(("choice", "choices", *READERS))
_PHONE_NOISE = re.compile(r"[^\d+]")


class Misfit(Struct, frozen=True):
    """Why a value was left alone: the reason's stable name."""

    reason: str


def to_local(field: Field, raw: str | None, mapping: Mapping) -> Value | Misfit:
    """HubSpot's text as our value; None for a blank, a `Misfit` for what the field cannot hold."""
    text = clean(raw)
    return None if text is None else fitted(field, text, mapping)


def fitted(field: Field, text: str, mapping: Mapping) -> Value | Misfit:
    """The same for a text that is clean already."""
    if field.kind == "integer":
        return _to_integer(text)
    if field.kind in _CONVERTED:
        return _converted(field, text, mapping)
    if len(text) > field.max_length:
        return Misfit("value_too_long")
    if field.kind == "status":
        return mapping.status_in.get(text) or Misfit("status_unmapped")
    return text


def to_remote(field: Field, value: Value, mapping: Mapping) -> str | None:
    """Our value as HubSpot's text; None for what is not sent."""
    if value is None:
        return None
    if field.kind == "status":
        return mapping.status_out.get(str(value))
    if field.kind in ("choice", "choices"):
        return _from_options(field, str(value), mapping)
    return written(value)


def agree(field: Field, value: Value, raw: str | None, incoming: Value, mapping: Mapping) -> bool:
    """Whether our value and HubSpot's say the same, each in its own spelling.

    Args:
        field: The field.
        value: Ours.
        raw: HubSpot's text.
        incoming: What `to_local` made of it.
        mapping: The mapping in force.
    """
    if value == incoming:
        return True
    if value is None or incoming is None:
        return False
    if to_remote(field, value, mapping) == raw:
        return True
    spelling = _SPELLINGS.get(field.kind)
    return spelling is not None and spelling(str(value)) == spelling(str(incoming))


def _to_integer(text: str) -> int | Misfit:
    if not _INTEGER.fullmatch(text):
        return Misfit("value_not_fitting")
    number = int(text.partition(".")[0])
    return number if abs(number) <= _LARGEST_INTEGER else Misfit("value_not_fitting")


def _converted(field: Field, text: str, mapping: Mapping) -> Value | Misfit:
    if field.kind in ("choice", "choices"):
        return _to_options(field, text, mapping)
    try:
        return READERS[field.kind](text)
    except ValueError:
        return Misfit("value_not_fitting")


def _to_options(field: Field, text: str, mapping: Mapping) -> Value | Misfit:
    """Our options for HubSpot's; one without a counterpart leaves the whole value alone."""
    known = mapping.options_in.get(field.name, {})
    chosen = parts(text) if field.kind == "choices" else [text]
    if any(option not in known for option in chosen):
        return Misfit("option_unmapped")
    return in_order([known[option] for option in chosen], field.options) or None


def _from_options(field: Field, text: str, mapping: Mapping) -> str | None:
    """The remote options for local ones; None when one of them has no counterpart."""
    known = mapping.options_out.get(field.name, {})
    chosen = parts(text) if field.kind == "choices" else [text]
    return ";".join(known[option] for option in chosen) if all(option in known for option in chosen) else None


def _choices_spelling(text: str) -> str:
    return ";".join(sorted(parts(text)))


def _phone_spelling(text: str) -> str:
    return _PHONE_NOISE.sub("", text) or text


def _domain_spelling(text: str) -> str:
    return domain_key(text) or text.lower()


# HubSpot rewrites these; a difference in spelling alone is none.
_SPELLINGS: dict[FieldKind, Callable[[str], str]] = {
    "email": str.lower,
    "domain": _domain_spelling,
    "phone": _phone_spelling,
    "choices": _choices_spelling,
}
