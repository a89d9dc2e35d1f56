"""Changing the mapping: checked against what HubSpot has, and in force for running work at once.

What works on a run loaded the mapping when its slice began. Saving fences that slice off, in the transaction
of the change, so that nothing is written by the old mapping any more; the run goes on with the next slice.
"""

from collections.abc import Mapping as Given

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.mapping.check import MappingProblem, check_fields, check_statuses
from webapp.domain.mapping.mapping import FieldMap, Mapping
from webapp.domain.records.fields import OBJECT_TYPES, STATUSES, ObjectType
from webapp.services import Services
from webapp.store.mapping import definitions, mappings
from webapp.store.people import audit
from webapp.store.records import custom_fields
from webapp.usecases.runs import lifecycle


class RequestedMapping(Struct, frozen=True):
    """The mapping of an object type as somebody wants it; fixed fields need not be named."""

    fields: tuple[FieldMap, ...]
    status_in: dict[str, str]
    status_out: dict[str, str]


class Saved(Struct, frozen=True):
    """It is in force; `started` are the fields that mean something new, which can be filled afterwards."""

    version: int
    started: tuple[tuple[ObjectType, str], ...] = ()


class Refused(Struct, frozen=True):
    """Nothing was changed: why."""

    problems: tuple[MappingProblem, ...]


class Overtaken(Struct, frozen=True):
    """Nothing was changed: somebody else changed the mapping meanwhile."""

    version: int


def load(session: Session, connection_id: int) -> dict[ObjectType, Mapping]:
    """The mapping in force, of both object types."""
    return {kind: mappings.load(session, connection_id, kind) for kind in OBJECT_TYPES}


def requested_from(mapping: Mapping) -> RequestedMapping:
    """The mapping in force, to be changed."""
    return RequestedMapping(mapping.fields, mapping.status_in, mapping.status_out)


def stages(session: Session, connection_id: int, mapping: Mapping) -> list[tuple[str, str]]:
    """HubSpot's values of the property that statuses go with, with their labels; none where unknown."""
    known = definitions.load(session, connection_id, mapping.object_type).definitions
    prop = known.by_name.get(mapping.property_names.get("status", ""))
    return [(option.value, option.label) for option in prop.options] if prop else []


def check(
    services: Services, connection_id: int, requested: Given[ObjectType, RequestedMapping], made_from: int
) -> Refused | Overtaken | None:
    """Why a mapping could not be put in force; None where it could. Its parameters are those of `save`."""
    with services.database.reading() as session:
        present = load(session, connection_id)
        problems = _problems_of_all(session, connection_id, requested, present)
        version = mappings.version(session, connection_id)
    if version != made_from:
        return Overtaken(version)
    return Refused(tuple(problems)) if problems else None


def save(
    services: Services, connection_id: int, requested: Given[ObjectType, RequestedMapping], made_from: int
) -> Saved | Refused | Overtaken:
    """Put a mapping in force, if it can be and nobody changed it meanwhile.

    Args:
        services: What it works with.
        connection_id: Whose.
        requested: By object type; one that is missing stays as it is.
        made_from: The version that it was made from.
    """
    if (hindered := check(services, connection_id, requested, made_from)) is not None:
        return hindered
    with services.database.reading() as session:
        present = load(session, connection_id)
    whole = {kind: _with_own_flags(one, present[kind]) for kind, one in requested.items()}
    started = [(kind, name) for kind, one in whole.items() for name in _started(one, present[kind])]
    with services.database.writing() as session:
        # No slice that has the old mapping writes any more.
        fences = lifecycle.fence_off(session, connection_id)
        if not mappings.raise_version(session, connection_id, made_from):
            return Overtaken(mappings.version(session, connection_id))
        for kind, one in whole.items():
            mappings.replace_fields(session, connection_id, kind, one.fields)
            mappings.replace_statuses(session, connection_id, kind, one.status_in, one.status_out)
            definitions.look_at(session, connection_id, kind, _looked_at(one, present[kind]))
        for kind, name in started:
            mappings.forget_base(session, connection_id, kind, name)
        audit.add(session, services.actor, "mapping_saved", object_types=list(whole))
    lifecycle.let_go_on(services, fences)
    return Saved(made_from + 1, tuple(started))


def _problems_of_all(
    session: Session,
    connection_id: int,
    requested: Given[ObjectType, RequestedMapping],
    present: Given[ObjectType, Mapping],
) -> list[MappingProblem]:
    return [
        found
        for kind, one in requested.items()
        for found in _problems(session, connection_id, _with_own_flags(one, present[kind]), present[kind])
    ]


def _problems(
    session: Session, connection_id: int, requested: RequestedMapping, present: Mapping
) -> list[MappingProblem]:
    kind = present.object_type
    known = definitions.load(session, connection_id, kind).definitions
    custom = custom_fields.load(session, kind)
    problems = check_fields(kind, requested.fields, present.fields, custom, known)
    if (requested.status_in, requested.status_out) == (present.status_in, present.status_out):
        return problems
    values = [value for value, _ in stages(session, connection_id, present)]
    return problems + check_statuses(kind, requested.status_in, requested.status_out, STATUSES, values)


def _with_own_flags(requested: RequestedMapping, present: Mapping) -> RequestedMapping:
    """A mapping with the fixed fields that were not named, and the flags that are not people's to set."""
    before = {item.field: item for item in present.fields}
    named = {item.field for item in requested.fields}
    missing = [item for item in present.fields if item.is_fixed and item.field not in named]
    flagged = [_flagged(item, before.get(item.field)) for item in requested.fields]
    return replace(requested, fields=(*missing, *flagged))


def _flagged(item: FieldMap, before: FieldMap | None) -> FieldMap:
    return replace(
        item,
        is_fixed=before is not None and before.is_fixed,
        knows_blanks=(before is not None and before.knows_blanks) or _is_new(item, before),
    )


def _started(requested: RequestedMapping, present: Mapping) -> list[str]:
    """The fields that mean another property now, or had been off."""
    before = {item.field: item for item in present.fields}
    return [
        item.field
        for item in requested.fields
        if item.direction != "off" and _is_new(item, before.get(item.field))
    ]


def _looked_at(requested: RequestedMapping, present: Mapping) -> set[str]:
    """The properties of newly mapped fields: the person who maps them has seen what they are."""
    before = {item.field: item for item in present.fields}
    return {item.property for item in requested.fields if item != before.get(item.field)}


def _is_new(item: FieldMap, before: FieldMap | None) -> bool:
    if before is None or before.property != item.property:
        return True
    return before.direction == "off" != item.direction
