"""Multiple-choice values between the sides: each side keeps options that the other has no name for.

Only some of a property's options need be mapped, and only some of a field's. So neither side's value replaces
the other's: it decides about the options that are mapped, and the others stay where they are.
"""

import re

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.conversions import in_order, parts
from webapp.domain.records.fields import Field

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
    there = parts(held or "")
    known = mapping.options_in.get(field.name, {})
    # HubSpot does not accept an option that it no longer offers.
    kept = [one for one in there if one not in known and mapping.takes(field.name, one)]
    merged = list(dict.fromkeys((*chosen, *kept)))
    return held if held is not None and set(merged) == set(there) else ";".join(merged)


def refused_option(message: str) -> str | None:
    """The option that HubSpot says it does not offer."""
    found = _REFUSED.match(message)
    return found[1] if found else None


def without_gone(field: Field, text: str, message: str, mapping: Mapping) -> str | None:
    """The options to send without one that HubSpot keeps in the value, and offers no more.

    Args:
        field: The field.
        text: What HubSpot refused.
        message: HubSpot's words for that.
        mapping: The mapping in force.

    Returns:
        None if it is another fault, or one of the options that are mapped.
    """
    gone, there = refused_option(message), parts(text)
    ours = {*mapping.options_in.get(field.name, {}), *mapping.options_out.get(field.name, {}).values()}
    if field.kind != "choices" or gone not in there or gone in ours:
        return None
    return ";".join(one for one in there if one != gone)


def same_options(one: str, other: str) -> bool:
    """Whether two texts of several choices name the same ones, in whatever order."""
    return set(parts(one)) == set(parts(other))


def mapped(field: Field, text: str | None, mapping: Mapping) -> frozenset[str]:
    """The mapped ones among HubSpot's options."""
    known = mapping.options_in.get(field.name, {})
    return frozenset(one for one in parts(text or "") if one in known)


def _parts(value: object) -> list[str]:
    return parts(value) if isinstance(value, str) else []
