"""Two sides of a doubtful match, field by field, for a person to compare."""

from collections.abc import Mapping as Values
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from webapp.domain.mapping.incoming import Incoming, read_incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.values import agree
from webapp.domain.records.fields import FIELDS, Field
from webapp.domain.records.values import is_blank


class ComparedValue(Struct, frozen=True):
    """One side's value; `differs` only if both sides have one and the two differ."""

    value: Any
    differs: bool = False


class ComparedField(Struct, frozen=True):
    """A field with HubSpot's value and those of the candidates, in their order."""

    field: Field
    remote: Any
    candidates: tuple[ComparedValue, ...]


def is_agreed(remote: Any, candidates: Sequence[ComparedValue]) -> bool:
    """Whether all sides have the same value of a field, or none, so that it tells nobody apart."""
    if is_blank(remote):
        return all(is_blank(one.value) for one in candidates)
    return all(not one.differs and not is_blank(one.value) for one in candidates)


def compare(
    properties: dict[str, str | None],
    candidates: Sequence[Values[str, Any]],
    mapping: Mapping,
    *,
    company: tuple[str | None, int | None] = (None, None),
) -> list[ComparedField]:
    """The fields in which any side has data.

    Args:
        properties: HubSpot's, as they were read.
        candidates: The field values of each record that may be the same; a contact's also `company`, its
            company's name.
        mapping: The mapping in force.
        company: Of a contact, its company in HubSpot: the name, and the number of its record here.
    """
    incoming = read_incoming(properties, mapping)
    compared = [
        _company_field(field, candidates, *company)
        if field.kind == "company"
        else _compared(field, incoming, candidates, mapping)
        for field in FIELDS[mapping.object_type]
    ]
    return [
        item
        for item in compared
        if not (is_blank(item.remote) and all(is_blank(one.value) for one in item.candidates))
    ]


def _compared(
    field: Field, incoming: Incoming, candidates: Sequence[Values[str, Any]], mapping: Mapping
) -> ComparedField:
    remote = incoming.values.get(field.name)
    raw = incoming.raw.get(field.name)
    return ComparedField(
        field,
        # A value that does not fit our field is shown as HubSpot has it.
        raw if remote is None else remote,
        tuple(
            ComparedValue(
                value,
                differs=not is_blank(value)
                and remote is not None
                and not agree(field, value, raw, remote, mapping),
            )
            for value in (candidate.get(field.name) for candidate in candidates)
        ),
    )


def _company_field(
    field: Field, candidates: Sequence[Values[str, Any]], name: str | None, record_id: int | None
) -> ComparedField:
    return ComparedField(
        field,
        name,
        tuple(
            ComparedValue(
                candidate.get("company"),
                differs=bool(name and candidate.get("company")) and candidate.get("company_id") != record_id,
            )
            for candidate in candidates
        ),
    )
