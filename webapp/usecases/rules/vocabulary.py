"""The fields that a rule may ask about, and the values it may name, each with its frequency."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import Misfit, to_local
from webapp.domain.records.conversions import parts
from webapp.domain.records.fields import COMPANY, Field, FieldKind, ObjectType
from webapp.domain.records.values import Value
from webapp.domain.rules.check import askable, choosable
from webapp.services import Services
from webapp.store.mapping import definitions, mappings
from webapp.store.records import custom_fields
from webapp.store.rules import values as rule_values

Direction = Literal["in", "out"]

_LISTED: tuple[FieldKind, ...] = ("text", "status", "choice", "choices")
_READ: tuple[FieldKind, ...] = (*_LISTED, "email", "phone", "domain", "url")
# Nearly unique values make no list to choose from.
_OWN: tuple[str, ...] = ("name", "first_name", "last_name", "street")


class Vocabulary(Struct, frozen=True):
    """The values that conditions about a field can name.

    Attributes:
        counts: how many records have each, the most frequent first; 0 where none has it.
        labels: HubSpot's labels, where they differ.
        is_closed: whether a condition can name no other value.
        is_all: whether all records were counted, not only the newest.
        is_listed: whether they are so few, or repeat so often, that one can be chosen from a list.
    """

    counts: dict[str, int] = {}
    labels: dict[str, str] = {}
    is_closed: bool = False
    is_all: bool = True
    is_listed: bool = True


class Choice(Struct, frozen=True):
    """HubSpot's labels for the values of a text here that comes from one of its choices."""

    labels: dict[str, str]
    is_multiple: bool = False


class Labels(Struct, frozen=True):
    """HubSpot's labels for the values of choices, by the field here, and for its properties, by name."""

    choices: dict[str, Choice] = {}
    properties: dict[str, str] = {}


def askable_fields(
    session: Session, connection_id: int, object_type: ObjectType, side: Direction
) -> tuple[Field, ...]:
    """The fields that a rule may ask about; a text that comes in from a choice has HubSpot's values."""
    own = custom_fields.load(session, object_type)
    fields = askable(object_type, own, custom_fields.load(session, "companies"))
    if side == "out":
        return fields
    coming = hubspot_labels(session, connection_id, object_type)
    if object_type == "contacts":
        of_companies = hubspot_labels(session, connection_id, "companies")
        coming |= {COMPANY + name: labels for name, labels in of_companies.items()}
    return tuple(
        replace(one, options=tuple(coming[one.name])) if one.name in coming and one.kind == "text" else one
        for one in fields
    )


def hubspot_labels(
    session: Session, connection_id: int, object_type: ObjectType
) -> dict[str, dict[str, str]]:
    """HubSpot's labels for the values of texts here that come from its single choices, by field."""
    found = labels(session, connection_id, object_type).choices
    return {name: choice.labels for name, choice in found.items() if not choice.is_multiple}


def labels(session: Session, connection_id: int, object_type: ObjectType) -> Labels:
    """The latest labels read from HubSpot."""
    mapping = mappings.load(session, connection_id, object_type)
    known = definitions.load(session, connection_id, object_type).definitions.by_name
    coming = {
        field.name: known[item.property]
        for field, item in mapping.incoming
        if field.kind == "text" and item.property in known
    }
    return Labels(
        {
            name: Choice({option.value: option.label for option in one.options}, one.kind == "choices")
            for name, one in coming.items()
            if one.kind in ("choice", "choices")
        },
        {name: one.label for name, one in known.items()},
    )


def vocabularies(
    services: Services, connection_id: int, object_type: ObjectType, side: Direction, names: Iterable[str]
) -> dict[str, Vocabulary]:
    """The values of those fields that hold short texts."""
    with services.database.reading() as session:
        fields = {one.name: one for one in askable_fields(session, connection_id, object_type, side)}
        return {
            name: _vocabulary(session, connection_id, object_type, side, fields[name])
            for name in dict.fromkeys(names)
            if name in fields and fields[name].kind in _READ
        }


def _vocabulary(
    session: Session, connection_id: int, object_type: ObjectType, side: Direction, field: Field
) -> Vocabulary:
    kind: ObjectType = "companies" if field.name.startswith(COMPANY) else object_type
    plain = replace(field, name=field.name.removeprefix(COMPANY))
    offered = choosable(field)
    counts: Counter[str] = Counter(dict.fromkeys(offered, 0))
    spelled = {one.casefold(): one for one in offered}
    for value, count in _met(session, connection_id, kind, side, plain):
        for one in parts(value) if field.kind == "choices" else (value,):
            if not offered or one.casefold() in spelled:
                counts[spelled.setdefault(one.casefold(), one)] += count
    labels = hubspot_labels(session, connection_id, kind).get(plain.name, {})
    return Vocabulary(
        dict(counts.most_common()),
        {value: text for value, text in labels.items() if value in counts},
        is_closed=bool(offered),
        is_all=_is_all(session, connection_id, kind, side),
        is_listed=field.kind in _LISTED and plain.name not in _OWN,
    )


def _is_all(session: Session, connection_id: int, object_type: ObjectType, side: Direction) -> bool:
    return rule_values.are_all_records(session, object_type) and (
        side == "out" or rule_values.are_all_objects(session, connection_id, object_type)
    )


def _met(
    session: Session, connection_id: int, object_type: ObjectType, side: Direction, field: Field
) -> Iterable[tuple[str, int]]:
    yield from (
        (str(value), count) for value, count in rule_values.of_records(session, object_type, field.name)
    )
    if side == "out":
        return
    mapping = mappings.load(session, connection_id, object_type)
    for text, count in rule_values.of_objects(session, connection_id, object_type, field.name):
        if (value := _local(field, text, mapping)) is not None:
            yield value, count


def _local(field: Field, text: str, mapping: Mapping) -> str | None:
    value: Value | Misfit = to_local(field, text, mapping)
    return None if value is None or isinstance(value, Misfit) else str(value)
