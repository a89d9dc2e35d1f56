"""Compares the mapping in force with HubSpot's current definitions: what no longer fits, and what that stops.

A mapping is checked when it is saved, but HubSpot's properties may change afterwards. Properties known to be
missing or unfit are not sent, nothing is read through them, and nothing is emptied here because of them.
"""

from msgspec.structs import replace

from webapp.domain.mapping.check import MappingProblem, unfit
from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.mapping.fitting import fit
from webapp.domain.mapping.mapping import Direction, FieldMap, Mapping
from webapp.domain.mapping.redefined import ANOTHER_PROPERTY
from webapp.domain.records.fields import Field
from webapp.domain.records.values import trimmed
from webapp.errors import Problem, problem


def laid_over(mapping: Mapping, known: Definitions) -> Mapping:
    """The part of the mapping that HubSpot's definitions allow; all of it if none were read."""
    if not known.properties:
        return mapping
    mapped = [(item, known.by_name.get(item.property)) for item in mapping.fields if item.direction != "off"]
    ways = {item.field: _ways(mapping.definition_of(item.field), prop) for item, prop in mapped}
    others = {one.property for one in known.redefinitions if one.code in ANOTHER_PROPERTY}
    # Nobody can say whether one that could not be read is still the same.
    others.update(known.unread)
    return replace(
        mapping,
        kinds={item.field: prop.kind for item, prop in mapped if prop is not None},
        stopped_in=frozenset(name for name, some in ways.items() if not {"in", "both"}.intersection(some)),
        stopped_out=frozenset(name for name, some in ways.items() if not {"out", "both"}.intersection(some)),
        offered={item.field: found for item, prop in mapped if (found := _offered(prop))},
        unclearable=frozenset(item.field for item, _ in mapped if item.property in others),
    )


def faults(mapping: Mapping, known: Definitions) -> list[MappingProblem]:
    """The fields of a mapping in force that no longer fit HubSpot's definitions."""
    if not known.properties:
        return []
    return [
        MappingProblem(mapping.object_type, item.field, found)
        for item in mapping.fields
        if item.direction != "off"
        for found in _faults(item, mapping, known)
    ]


def _ways(field: Field, prop: Property | None) -> tuple[Direction, ...]:
    """The directions in which a field fits its property."""
    found = fit(field, prop) if prop is not None else None
    return found.directions if found is not None else ()


def _offered(prop: Property | None) -> frozenset[str]:
    """The options that a property accepts, without blanks around them; empty if its definition has none."""
    if prop is None or prop.type != "enumeration" or prop.has_foreign_options:
        return frozenset()
    return frozenset(trimmed(option.value) for option in prop.options)


def _faults(item: FieldMap, mapping: Mapping, known: Definitions) -> list[Problem]:
    if item.property in known.unread:
        return [problem("property_unread", property=_label(item.property, known))]
    field = mapping.definition_of(item.field)
    if (found := unfit(item, field, known)) is not None:
        return [found]
    prop = known.by_name[item.property]
    names = _options_of(item, field, mapping)
    there = {option.value: option for option in prop.options}
    if not _offered(prop):
        return []
    gone = [problem("option_gone", property=prop.label, option=one) for one in names if one not in there]
    hidden = [
        problem("option_hidden", property=prop.label, option=there[one].label)
        for one in names
        if one in there and there[one].is_hidden
    ]
    return gone + hidden


def _label(name: str, known: Definitions) -> str:
    prop = known.by_name.get(name)
    return prop.label if prop is not None else name


def _options_of(item: FieldMap, field: Field, mapping: Mapping) -> list[str]:
    """The property's options that the mapping names."""
    if field.kind == "status":
        return list(dict.fromkeys((*mapping.status_in, *mapping.status_out.values())))
    return list(item.options.values())
