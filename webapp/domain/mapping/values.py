"""Single values on their way between HubSpot's texts and our fields.

HubSpot sends every value as a text or null. `to_local` makes a local value of it or gives the reason why not;
`to_remote` is the way back, `agree` compares the two sides, `same_here` and `same_there` two values of one.
"""

import re
from collections.abc import Callable
from typing import get_args

from msgspec import Struct

from webapp.domain.mapping import options
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.conversions import READERS, READERS_OF_TEXT, spelt_parts, written
from webapp.domain.records.fields import Field, FieldKind
from webapp.domain.records.keys import domain_key
from webapp.domain.records.values import Value, clean, folded, is_blank, same

_LARGEST_INTEGER = 2**31 - 1
_INTEGER = re.compile(r"[+-]?\d{1,10}(\.0*)?", re.ASCII)
# 1.000 is a thousand to some, and one to others; nobody writes one so.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}\.000", re.ASCII)
_FEWEST_MILLISECONDS = 11
_OF_TEXT = ("text", "phone")
"""Properties in which people write what they like."""
_CONVERTED = frozenset(("choice", "choices", *READERS))
_AS_THEY_ARE = frozenset(get_args(FieldKind)) - {"integer", "status", *_CONVERTED}
"""The kinds of field that keep a text as it is."""
_PHONE_NOISE = re.compile(r"[^\d+]")


class Misfit(Struct, frozen=True):
    """Why a value was left alone: the reason's stable name."""

    reason: str


def to_local(field: Field, raw: str | None, mapping: Mapping) -> Value | Misfit:
    """HubSpot's text as our value; None for a blank, a `Misfit` if the field cannot hold it."""
    text = clean(raw)
    return None if text is None else fitted(field, text, mapping)


def is_kept_as_text(field: Field) -> bool:
    """Whether a field holds HubSpot's text as it is."""
    return field.kind in _AS_THEY_ARE


def fitted(field: Field, text: str, mapping: Mapping) -> Value | Misfit:
    """HubSpot's cleaned text as our value; a `Misfit` if the field cannot hold it."""
    if field.kind in _AS_THEY_ARE:
        return text if len(text) <= field.max_length else Misfit("value_too_long")
    if field.kind == "integer":
        return _to_integer(field, text, mapping)
    if field.kind in _CONVERTED:
        return _converted(field, text, mapping)
    if len(text) > field.max_length:
        return Misfit("value_too_long")
    return mapping.status_in.get(text) or Misfit("status_unmapped")


def to_remote(field: Field, value: Value, mapping: Mapping, held: str | None = None) -> str | None:
    """Our value as HubSpot's text; None if it is not sent.

    Args:
        field: The field.
        value: Our value.
        mapping: The mapping in force.
        held: What HubSpot holds: of several choices those stay that have no counterpart here.
    """
    if value is None:
        return None
    if field.kind == "status":
        stage = mapping.status_out.get(str(value))
        return stage if stage is None or mapping.takes(field.name, stage) else None
    if field.kind == "choices":
        chosen = options.sent(field, value, mapping)
        return options.sent_beside(field, chosen, held, mapping) if chosen else None
    if field.kind == "choice":
        return mapping.options_out.get(field.name, {}).get(str(value))
    return written(value)


def cleared(field: Field, held: str | None, mapping: Mapping) -> str | None:
    """The text that clears a field in HubSpot; None if there is nothing to clear."""
    if is_blank(held):
        return None
    if field.kind != "choices":
        return ""
    has_some = options.mapped(field, held, mapping)
    return options.sent_beside(field, [], held, mapping) if has_some else None


def put_back(field: Field, before: str | None, held: str | None, mapping: Mapping) -> str:
    """The text that restores HubSpot's earlier value; unmapped choices stay as they are now."""
    if field.kind != "choices":
        return before or ""
    known = options.mapped(field, before, mapping)
    chosen = [raw for one, raw in spelt_parts(before or "").items() if one in known]
    return options.sent_beside(field, chosen, held, mapping)


def agree(field: Field, value: Value, raw: str | None, incoming: Value, mapping: Mapping) -> bool:
    """Whether our value and HubSpot's are equal, each in its own spelling.

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
    if field.kind == "choices":
        return options.sent_names(field, value, mapping) == options.mapped(field, raw, mapping)
    if to_remote(field, value, mapping) == raw or same(value, incoming):
        return True
    if _holds_choices(field, mapping):
        return options.same_options(str(value), str(incoming))
    spelling = _SPELLINGS.get(field.kind)
    return spelling is not None and spelling(str(value)) == spelling(str(incoming))


def same_here(name: str, one: Value, other: Value, mapping: Mapping) -> bool:
    """Whether two of our values are equal; choices are compared by the options that would be sent."""
    if same(one, other):
        return True
    field = mapping.definition_of(name)
    if field.kind != "choices" or is_blank(one) or is_blank(other):
        return False
    return set(options.sent(field, one, mapping)) == set(options.sent(field, other, mapping))


def same_there(name: str, one: str | None, other: str | None, mapping: Mapping) -> bool:
    """Whether two of HubSpot's texts of a field are equal, whatever the spelling, order or unmapped options.

    Args:
        name: The field's name.
        one: A text that HubSpot held or holds.
        other: Another one.
        mapping: The mapping in force.
    """
    if same(one, other):
        return True
    field = mapping.definition_of(name)
    if field.kind == "choices":
        both = [options.mapped(field, text, mapping) for text in (one, other)]
        return both[0] == both[1] and is_blank(one) == is_blank(other)
    if _holds_choices(field, mapping):
        return options.same_options(one or "", other or "")
    if field.kind not in READERS or is_blank(one) or is_blank(other):
        return False
    values = [to_local(field, text, mapping) for text in (one, other)]
    return values[0] == values[1] and not isinstance(values[0], Misfit)


def _holds_choices(field: Field, mapping: Mapping) -> bool:
    """Whether a field of text holds several choices of HubSpot's, which mean the same in any order."""
    return field.kind in _AS_THEY_ARE and mapping.kinds.get(field.name) == "choices"


def _to_integer(field: Field, text: str, mapping: Mapping) -> int | Misfit:
    if not _INTEGER.fullmatch(text):
        return Misfit("value_not_fitting")
    if mapping.kinds.get(field.name) in _OF_TEXT and _THOUSANDS.fullmatch(text):
        return Misfit("value_not_fitting")
    number = int(text.partition(".")[0])
    return number if abs(number) <= _LARGEST_INTEGER else Misfit("value_not_fitting")


def _converted(field: Field, text: str, mapping: Mapping) -> Value | Misfit:
    if field.kind == "choices":
        return options.brought(field, text, mapping) or Misfit("option_unmapped")
    if field.kind == "choice":
        return mapping.options_in.get(field.name, {}).get(text) or Misfit("option_unmapped")
    kind = mapping.kinds.get(field.name)
    # A property whose type is not known may be one of text: then few digits are rather a year.
    is_text = kind in _OF_TEXT or (kind is None and len(text) < _FEWEST_MILLISECONDS)
    readers = READERS_OF_TEXT if is_text else READERS
    try:
        return readers[field.kind](text)
    except ValueError:
        return Misfit("value_not_fitting")


def _phone_spelling(text: str) -> str:
    return _PHONE_NOISE.sub("", text) or text


def _domain_spelling(text: str) -> str:
    return domain_key(text) or _email_spelling(text)


def _email_spelling(text: str) -> str:
    return folded(text).lower()


# HubSpot rewrites these; a difference in spelling alone is none.
_SPELLINGS: dict[FieldKind, Callable[[str], str]] = {
    "email": _email_spelling,
    "domain": _domain_spelling,
    "phone": _phone_spelling,
}
