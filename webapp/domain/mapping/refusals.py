"""What HubSpot would refuse, known before it is asked: from its own definitions."""

import re
from collections.abc import Mapping as Values

from msgspec import Struct

from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.records.conversions import parts, read_day, read_moment, read_number
from webapp.domain.records.fields import ObjectType

LONGEST_TEXT = 65_536
"""Characters that HubSpot keeps of one value."""

_SHOWN_OPTIONS = 8
_EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@(?:\w(?:[\w-]*\w)?\.)+[^\W\d_]{2,}")


class Foreseen(Struct, frozen=True):
    """A refusal to come: the property, HubSpot's code for it, and what is wrong in words."""

    property: str
    code: str
    text: str


def refusals(
    object_type: ObjectType, sent: Values[str, str], known: Definitions, *, is_new: bool = False
) -> list[Foreseen]:
    """What of the properties about to be sent HubSpot would refuse.

    Args:
        object_type: Of the object.
        sent: The texts by property; an empty one clears.
        known: The portal's definitions; where none were read nothing is foreseen.
        is_new: Whether the object is made, so that what is required must be there.
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
    return Foreseen(prop.name, "MISSING_REQUIRED_PROPERTY", f"HubSpot requires “{prop.label}”.")


def _refusal(object_type: ObjectType, name: str, text: str, prop: Property | None) -> Foreseen | None:
    if prop is None:
        return Foreseen(name, "PROPERTY_DOESNT_EXIST", f"HubSpot has no property “{name}”.")
    if prop.is_written_by_hubspot_alone:
        return Foreseen(name, "READ_ONLY_VALUE", f"“{prop.label}” is written by HubSpot alone.")
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        words = f"“{prop.label}” takes at most {LONGEST_TEXT:,} characters; this has {len(text):,}."
        return Foreseen(name, "MAX_LENGTH", words)
    if object_type == "contacts" and name == "email" and not _EMAIL.fullmatch(text.strip()):
        return Foreseen(name, "INVALID_EMAIL", f"HubSpot does not take “{text}” as an e-mail address.")
    return _wrong_option(prop, text) or _wrong_type(prop, text)


def _wrong_option(prop: Property, text: str) -> Foreseen | None:
    if prop.type not in ("enumeration", "bool") or prop.has_foreign_options or not prop.options:
        return None
    allowed = [option.value for option in prop.options]
    unknown = [part for part in (parts(text) if prop.kind == "choices" else [text]) if part not in allowed]
    if not unknown:
        return None
    shown = ", ".join(allowed[:_SHOWN_OPTIONS]) + (" …" if len(allowed) > _SHOWN_OPTIONS else "")
    return Foreseen(
        prop.name, "INVALID_OPTION", f"“{prop.label}” has no option “{unknown[0]}”. It takes: {shown}."
    )


def _wrong_type(prop: Property, text: str) -> Foreseen | None:
    code, read, words = {
        "number": ("INVALID_LONG", read_number, "a number"),
        "date": ("INVALID_DATE", read_day, "a date such as 2026-11-24"),
        "datetime": ("INVALID_LONG", read_moment, "a date and time"),
    }.get(prop.kind, ("", str, ""))
    try:
        read(text)
    except ValueError:
        return Foreseen(prop.name, code, f"“{prop.label}” takes {words}, not “{text}”.")
    return None
