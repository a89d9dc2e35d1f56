"""Validation of a mapping: refusals that name the field and what fits."""

from collections.abc import Sequence

from msgspec import Struct

from webapp.domain.mapping.definitions import Definitions, Property
from webapp.domain.mapping.fitting import FITS, fit, fitting
from webapp.domain.mapping.mapping import FieldMap
from webapp.domain.mapping.statuses import flipping, round_trips
from webapp.domain.records.fields import FIELDS, Field, ObjectType
from webapp.errors import Problem, problem


class MappingProblem(Struct, frozen=True):
    """Why a mapping is refused: the field, or the table `status_in` or `status_out`, and what is wrong."""

    object_type: ObjectType
    field: str
    problem: Problem


def mappable(object_type: ObjectType, custom: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that a property can be mapped to, standard ones first."""
    return (*(field for field in FIELDS[object_type] if field.kind in FITS), *custom)


def check_fields(
    object_type: ObjectType,
    field_maps: Sequence[FieldMap],
    present: Sequence[FieldMap],
    custom: Sequence[Field],
    known: Definitions,
) -> list[MappingProblem]:
    """The problems of field mappings that are to be saved.

    Args:
        object_type: Companies or contacts.
        field_maps: All of them.
        present: The mappings in force; fixed ones must stay.
        custom: The custom fields.
        known: The portal's properties; where none were read only what is in force passes.
    """
    fields = {field.name: field for field in mappable(object_type, custom)}
    in_force = {item.field: item for item in present}
    problems = []
    for item in field_maps:
        found = _wrong(item, fields.get(item.field), in_force.get(item.field), known)
        if found is not None:
            problems.append(MappingProblem(object_type, item.field, found))
    return problems + _sent_twice(object_type, field_maps, fields) + _given_twice(object_type, field_maps)


def check_statuses(
    object_type: ObjectType,
    status_in: dict[str, str],
    status_out: dict[str, str],
    statuses: Sequence[str],
    stages: Sequence[str],
) -> list[MappingProblem]:
    """The problems of the status tables; `stages` are HubSpot's values, none when they are not known."""
    problems = [
        MappingProblem(object_type, table, problem("no_such_status", status=status, statuses=tuple(statuses)))
        for table, given in (("status_in", status_in.values()), ("status_out", status_out))
        for status in dict.fromkeys(given)
        if status not in statuses
    ]
    problems += [
        MappingProblem(object_type, table, problem("no_such_stage", stage=stage, stages=tuple(stages)))
        for table, given in (("status_in", status_in), ("status_out", status_out.values()))
        for stage in dict.fromkeys(given)
        if stages and stage not in stages
    ]
    trip = flipping(round_trips(status_in, status_out))
    if trip is not None:
        problems.append(MappingProblem(object_type, "status_out", problem("never_rests", path=trip.path)))
    return problems


def _wrong(
    item: FieldMap, field: Field | None, present: FieldMap | None, known: Definitions
) -> Problem | None:
    is_in_force = present is not None and _core(present) == _core(item)
    if present is not None and present.is_fixed and not is_in_force:
        return problem("fixed", property=present.property)
    if field is None:
        return problem("no_such_field")
    if is_in_force or item.direction == "off":
        return None
    if not known.properties:
        return problem("not_read_yet")
    return unfit(item, field, known) or _wrong_options(item, field, known.by_name[item.property])


def unfit(item: FieldMap, field: Field, known: Definitions) -> Problem | None:
    """Why a field cannot go together with its property, whatever the options; None when it can."""
    prop = known.by_name.get(item.property)
    if prop is None:
        return problem("no_such_property", property=item.property)
    return _misfit(item, field, prop)


def _core(item: FieldMap) -> tuple[object, ...]:
    return item.property, item.direction, item.blank_policy, item.options


def _misfit(item: FieldMap, field: Field, prop: Property) -> Problem | None:
    found = fit(field, prop)
    if found is None:
        return problem(
            "kinds_differ",
            field=field,
            kind=field.kind,
            property=prop.label,
            property_kind=prop.kind,
            fitting=fitting(field),
        )
    if item.direction in found.directions:
        return None
    if prop.is_written_by_hubspot_alone:
        return problem("written_by_hubspot", property=prop.label, directions=found.directions)
    return problem(
        "one_way_conversion",
        property=prop.label,
        directions=found.directions,
        conversion=found.conversion,
    )


def _wrong_options(item: FieldMap, field: Field, prop: Property) -> Problem | None:
    if field.kind not in ("choice", "choices"):
        return problem("no_options_to_map", field=field) if item.options else None
    local_options, remote_options = (
        (*field.options, *field.retired),
        tuple(option.value for option in prop.options),
    )
    for local, remote in item.options.items():
        if local not in local_options:
            return problem("no_such_option", field=field, option=local, options=local_options)
        if remote not in remote_options:
            return problem(
                "no_such_property_option", property=prop.label, option=remote, options=remote_options
            )
    twice = [one for one in item.options.values() if list(item.options.values()).count(one) > 1]
    if twice:
        return problem("option_given_twice", option=twice[0])
    return None if item.options else problem("no_option_mapped")


def _sent_twice(
    object_type: ObjectType, field_maps: Sequence[FieldMap], fields: dict[str, Field]
) -> list[MappingProblem]:
    """Two fields that would be sent to one property."""
    first: dict[str, str] = {}
    problems = []
    for item in field_maps:
        if item.direction not in ("both", "out"):
            continue
        other = first.setdefault(item.property, item.field)
        if other != item.field:
            found = problem("sent_twice", property=item.property, other=fields.get(other, other))
            problems.append(MappingProblem(object_type, item.field, found))
    return problems


def _given_twice(object_type: ObjectType, field_maps: Sequence[FieldMap]) -> list[MappingProblem]:
    names = [item.field for item in field_maps]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [MappingProblem(object_type, name, problem("mapped_twice")) for name in twice]
