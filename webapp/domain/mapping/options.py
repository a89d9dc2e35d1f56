"""Multiple-choice values between the sides: each side keeps options that the other has no name for.

Only some of a property's options need be mapped, and only some of a field's. So neither side's value replaces
the other's: it decides about the options that are mapped, and the others stay where they are.
"""

import re

from msgspec import Struct

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.conversions import in_order, parts, spelt_parts
from webapp.domain.records.fields import Field
from webapp.domain.records.values import trimmed

_REFUSED = re.compile(r"(.+?) was not one of the allowed options")


def brought(field: Field, text: str, mapping: Mapping) -> str | None:
    """Our options for HubSpot's mapped ones; None if none is mapped."""
    known = mapping.options_in.get(field.name, {})
    return in_order([known[one] for one in parts(text) if one in known], field.options) or None


def brought_beside(field: Field, ours: object, brought_in: str | None, mapping: Mapping) -> str | None:
    """HubSpot's options as our value, together with our own options that have no counterpart there."""
    known = mapping.options_out.get(field.name, {})
    own = [one for one in _parts(ours) if one not in known]
    return in_order([*_parts(brought_in), *own], field.options) or None


def sent(field: Field, ours: object, mapping: Mapping) -> list[str]:
    """HubSpot's options for our mapped ones, in our order."""
    known = mapping.options_out.get(field.name, {})
    return [known[one] for one in _parts(ours) if one in known]


def sent_beside(field: Field, chosen: list[str], held: str | None, mapping: Mapping) -> str:
    """The options to send: the given ones, together with HubSpot's own that have no counterpart here.

    Args:
        field: The field.
        chosen: HubSpot's names of options that are mapped.
        held: What HubSpot holds; where that is the same in another order it is answered as it is.
        mapping: The mapping in force.
    """
    there = spelt_parts(held or "")
    known = mapping.options_in.get(field.name, {})
    # HubSpot does not accept an option that it no longer offers.
    kept = {one: raw for one, raw in there.items() if one not in known and mapping.takes(field.name, one)}
    merged = {trimmed(one): one for one in chosen} | kept
    return held if held is not None and merged.keys() == there.keys() else ";".join(merged.values())


def refused_option(message: str) -> str | None:
    """The option that HubSpot says it does not offer."""
    found = _REFUSED.match(message)
    return found[1] if found else None


class Less(Struct, frozen=True):
    """A value of several choices without an option that HubSpot offers no more.

    `ours` is our name of the option; None if it is HubSpot's own, which nobody here could take away.
    """

    text: str
    ours: str | None


def without_gone(field: Field, text: str, message: str, mapping: Mapping) -> Less | None:
    """The options to send without one that HubSpot offers no more.

    Args:
        field: The field.
        text: What HubSpot refused.
        message: HubSpot's words for that.
        mapping: The mapping in force.

    Returns:
        None if it is another fault, or the only one of our options.
    """
    gone, left = trimmed(refused_option(message) or ""), spelt_parts(text)
    if field.kind != "choices" or left.pop(gone, None) is None:
        return None
    known = mapping.options_in.get(field.name, {})
    ours = known.get(gone)
    # With none of ours left it would be emptied of what is mapped, which nobody has asked for.
    return None if ours and known.keys().isdisjoint(left) else Less(";".join(left.values()), ours)


def gone_here(field: Field, ours: object, mapping: Mapping) -> list[str]:
    """Those of our options that HubSpot does not offer any more, so that they are not sent."""
    gone = mapping.options_gone.get(field.name)
    if not gone or not isinstance(ours, str):
        return []
    return [one for one in (parts(ours) if field.kind == "choices" else [ours]) if one in gone]


def taken(ours: object, raw: str | None, before: object, field: Field, mapping: Mapping) -> str | None:
    """Our options less those of an edit that HubSpot did not take, as the base keeps them.

    Args:
        ours: Our value.
        raw: What HubSpot holds now.
        before: Our value in the base so far: what HubSpot lost since is no edit of ours.
        field: The field.
        mapping: The mapping in force.
    """
    there, seen = parts(raw or ""), _parts(before)
    lost = {one for other, one in mapping.options_in.get(field.name, {}).items() if other not in there}
    return ";".join(one for one in _parts(ours) if one not in lost or one in seen) or None


def sent_names(field: Field, ours: object, mapping: Mapping) -> frozenset[str]:
    """The names of HubSpot's options for our mapped ones, as they are compared."""
    return frozenset(map(trimmed, sent(field, ours, mapping)))


def same_options(one: str, other: str) -> bool:
    """Whether two texts of several choices name the same ones, in whatever order."""
    return set(parts(one)) == set(parts(other))


def mapped(field: Field, text: str | None, mapping: Mapping) -> frozenset[str]:
    """The mapped ones among HubSpot's options."""
    known = mapping.options_in.get(field.name, {})
    return frozenset(one for one in parts(text or "") if one in known)


def _parts(value: object) -> list[str]:
    return parts(value) if isinstance(value, str) else []
