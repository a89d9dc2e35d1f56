"""Multiple-choice values between the sides: each side keeps options that the other has no name for.

Only some of a property's options need be mapped, and only some of a field's. So neither side's value replaces
the other's: it decides about the options that are mapped, and the others stay where they are.
"""

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.conversions import in_order, parts
from webapp.domain.records.fields import Field


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


def mapped(field: Field, text: str | None, mapping: Mapping) -> frozenset[str]:
    """The mapped ones among HubSpot's options."""
    known = mapping.options_in.get(field.name, {})
    return frozenset(one for one in parts(text or "") if one in known)


def _parts(value: object) -> list[str]:
    return parts(value) if isinstance(value, str) else []
