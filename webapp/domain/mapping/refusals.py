"""Refusals of a mapping by HubSpot, predicted from its own definitions before a call."""

import re
from collections.abc import Callable
from collections.abc import Mapping as Values

from msgspec import Struct

from webapp.domain.mapping.definitions import Definitions, Property, PropertyKind
from webapp.domain.records.conversions import read_day, read_moment, read_number, spelt_parts
from webapp.domain.records.fields import ObjectType
from webapp.errors import Problem, problem

LONGEST_TEXT = 65_536
"""The longest value that HubSpot keeps, in characters."""

_SHOWN_OPTIONS = 8
_READS: dict[PropertyKind, Callable[[str], object]] = {
    "number": read_number,
    "date": read_day,
    "datetime": read_moment,
}
_EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@(?:\w(?:[\w-]*\w)?\.)+[^\W\d_]{2,}")


class Foreseen(Struct, frozen=True):
    """A predicted refusal: the property, and the fault under HubSpot's own code."""

    property: str
    problem: Problem


def refusals(
    object_type: ObjectType, sent: Values[str, str], known: Definitions, *, is_new: bool = False
) -> list[Foreseen]:
    """The properties about to be sent that HubSpot would refuse.

    Args:
        object_type: Of the object.
        sent: The texts by property; an empty one clears.
        known: The portal's definitions; where none were read nothing is foreseen.
        is_new: Whether the object is created, so that required properties must be sent.
    """
    if not known.properties:
        return []
    found = [
        refusal
        for name, text in sent.items()
        if (refusal := _refusal(object_type, name, text, known.by_name.get(name))) is not None
    ]
    required = [one for one in known.properties if one.is_required]
    found += [
        _missing(one)
        for one in required
        if (is_new and not sent.get(one.name)) or (one.name in sent and not sent[one.name])
    ]
    return found


def _missing(prop: Property) -> Foreseen:
    return Foreseen(prop.name, problem("MISSING_REQUIRED_PROPERTY", property=prop.label))


def _refusal(object_type: ObjectType, name: str, text: str, prop: Property | None) -> Foreseen | None:
    if prop is None:
        return Foreseen(name, problem("PROPERTY_DOESNT_EXIST", property=name))
    if prop.is_written_by_hubspot_alone:
        return Foreseen(name, problem("READ_ONLY_VALUE", property=prop.label))
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        too_long = problem("MAX_LENGTH", property=prop.label, limit=LONGEST_TEXT, length=len(text))
        return Foreseen(name, too_long)
    if object_type == "contacts" and name == "email" and not _EMAIL.fullmatch(text.strip()):
        return Foreseen(name, problem("INVALID_EMAIL", value=text))
    return _wrong_option(prop, text) or _wrong_type(prop, text)


def _wrong_option(prop: Property, text: str) -> Foreseen | None:
    if prop.type not in ("enumeration", "bool") or prop.has_foreign_options or not prop.options:
        return None
    allowed = [option.value for option in prop.options]
    given = spelt_parts(text).values() if prop.kind == "choices" else [text]
    unknown = [one for one in given if one not in allowed]
    if not unknown:
        return None
    shown = [*allowed[:_SHOWN_OPTIONS], *(["…"] if len(allowed) > _SHOWN_OPTIONS else [])]
    return Foreseen(
        prop.name, problem("INVALID_OPTION", property=prop.label, value=unknown[0], options=shown)
    )


def _wrong_type(prop: Property, text: str) -> Foreseen | None:
    if prop.kind not in _READS:
        return None
    try:
        _READS[prop.kind](text)
    except ValueError:
        code = "INVALID_DATE" if prop.kind == "date" else "INVALID_LONG"
        return Foreseen(prop.name, problem(code, property=prop.label, takes=prop.kind, value=text))
    return None
