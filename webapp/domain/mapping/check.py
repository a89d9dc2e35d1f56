"""What may be saved as a mapping: refusals that name the field and say what fits."""

from collections.abc import Sequence

from msgspec import Struct

from webapp.domain.mapping.definitions import PROPERTY_KINDS, Definitions, Property
from webapp.domain.mapping.fitting import FIELD_KINDS, FITS, fit, fitting_words
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.mapping.statuses import flip_words, flipping, round_trips
from webapp.domain.records.fields import FIELDS, Field, ObjectType

_DIRECTIONS = {"both": "both ways", "in": "in only", "out": "out only", "off": "off"}


class Problem(Struct, frozen=True):
    """Why a mapping is refused: the field, or the table `status_in` or `status_out`, and the words."""

    object_type: ObjectType
    field: str
    text: str


def mappable(object_type: ObjectType, custom: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that a property can be mapped to, standard ones first."""
    return (*(field for field in FIELDS[object_type] if field.kind in FITS), *custom)


def check_fields(
    object_type: ObjectType,
    wanted: Sequence[FieldMap],
    present: Sequence[FieldMap],
    custom: Sequence[Field],
    known: Definitions,
) -> list[Problem]:
    """What is wrong with the wanted field mappings.

    Args:
        object_type: Companies or contacts.
        wanted: All of them.
        present: Those in force, of which the fixed ones must stay.
        custom: The custom fields.
        known: The portal's properties; where none were read only what is in force passes.
    """
    fields = {field.name: field for field in mappable(object_type, custom)}
    in_force = {item.field: item for item in present}
    problems = []
    for item in wanted:
        text = _wrong(item, fields.get(item.field), in_force.get(item.field), known)
        if text:
            problems.append(Problem(object_type, item.field, text))
    return problems + _sent_twice(object_type, wanted, fields) + _given_twice(object_type, wanted)


def check_statuses(
    object_type: ObjectType,
    status_in: dict[str, str],
    status_out: dict[str, str],
    statuses: Sequence[str],
    stages: Sequence[str],
) -> list[Problem]:
    """What is wrong with the status tables; `stages` are HubSpot's values, none when they are not known."""
    problems = [
        Problem(object_type, table, f"There is no status “{status}”. There are: {', '.join(statuses)}.")
        for table, given in (("status_in", status_in.values()), ("status_out", status_out))
        for status in dict.fromkeys(given)
        if status not in statuses
    ]
    problems += [
        Problem(object_type, table, f"HubSpot has no stage “{stage}”. It has: {', '.join(stages)}.")
        for table, given in (("status_in", status_in), ("status_out", status_out.values()))
        for stage in dict.fromkeys(given)
        if stages and stage not in stages
    ]
    trip = flipping(round_trips(status_in, status_out))
    return problems + ([Problem(object_type, "status_out", flip_words(trip))] if trip else [])


def _wrong(item: FieldMap, field: Field | None, present: FieldMap | None, known: Definitions) -> str:
    is_in_force = present is not None and _core(present) == _core(item)
    if present is not None and present.is_fixed and not is_in_force:
        return f"This mapping is fixed: it belongs to HubSpot's “{present.property}”, both ways."
    if field is None:
        return "There is no such field."
    return "" if is_in_force or item.direction == "off" else _unfit(item, field, known)


def _unfit(item: FieldMap, field: Field, known: Definitions) -> str:
    if not known.properties:
        return "HubSpot's properties have not been read yet: refresh them first."
    prop = known.by_name.get(item.property)
    if prop is None:
        return f"HubSpot has no property “{item.property}”. Refresh the properties if it is new."
    return _misfit(item, field, prop) or _wrong_options(item, field, prop)


def _core(item: FieldMap) -> tuple[object, ...]:
    return item.property, item.direction, item.blank_policy, item.options


def _misfit(item: FieldMap, field: Field, prop: Property) -> str:
    found = fit(field, prop)
    if found is None:
        return (
            f"{field.label} ({FIELD_KINDS[field.kind]}) cannot take “{prop.label}”, which is "
            f"{PROPERTY_KINDS[prop.kind]}. What fits: {fitting_words(field)}."
        )
    if item.direction not in found.directions:
        fitting = " or ".join(_DIRECTIONS[one] for one in found.directions)
        reason = (
            "HubSpot alone writes it"
            if prop.is_written_by_hubspot_alone
            else f"it is taken as {found.conversion}"
        )
        return f"“{prop.label}” can go {fitting} here: {reason}."
    return ""


def _wrong_options(item: FieldMap, field: Field, prop: Property) -> str:
    if field.kind not in ("choice", "choices"):
        return f"{field.label} has no options to map." if item.options else ""
    ours, theirs = (*field.options, *field.retired), [option.value for option in prop.options]
    for our, their in item.options.items():
        if our not in ours:
            return f"{field.label} has no option “{our}”. It has: {', '.join(ours)}."
        if their not in theirs:
            return f"“{prop.label}” has no option “{their}”. It has: {', '.join(theirs)}."
    twice = [one for one in item.options.values() if list(item.options.values()).count(one) > 1]
    if twice:
        return f"HubSpot's option “{twice[0]}” is given to two of ours: choose one."
    return "" if item.options else "Map at least one option."


def _sent_twice(
    object_type: ObjectType, wanted: Sequence[FieldMap], fields: dict[str, Field]
) -> list[Problem]:
    """Two fields that would be sent to one property."""
    first: dict[str, str] = {}
    problems = []
    for item in wanted:
        if item.direction not in ("both", "out"):
            continue
        other = first.setdefault(item.property, item.field)
        if other != item.field:
            label = fields[other].label if other in fields else other
            text = f"HubSpot's “{item.property}” is sent from {label} already. Let this one go in only."
            problems.append(Problem(object_type, item.field, text))
    return problems


def _given_twice(object_type: ObjectType, wanted: Sequence[FieldMap]) -> list[Problem]:
    names = [item.field for item in wanted]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [Problem(object_type, name, "The field is mapped twice.") for name in twice]
