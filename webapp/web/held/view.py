"""Held objects beside their candidates: what the Held page shows, gathered with a fixed number of queries."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.held.comparison import ComparedField, ComparedValue, compare
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import FIELDS, OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.store.held import objects as held_objects
from webapp.store.held.objects import RemoteObject
from webapp.store.held.records import HeldRecord
from webapp.store.mapping import mappings
from webapp.text.matching import evidence
from webapp.text.records.records import called
from webapp.text.translated import gettext as _

# More than these, side by side, are no help.
_MOST_CANDIDATES = 6


class CandidateView(Struct, frozen=True):
    """A record that may be the same. `is_linked`: it has another object already, so it cannot be chosen."""

    record_id: int
    name: str
    evidence: str
    is_linked: bool


class HeldView(Struct, frozen=True):
    """A held object with its candidates and the fields to compare; `more` candidates are not shown."""

    found: RemoteObject
    candidates: list[CandidateView]
    fields: list[ComparedField]
    more: int
    has_deleted: bool


class ObjectView(Struct, frozen=True):
    """An object in HubSpot that a record may be. `record_id`: it is linked to another record already."""

    remote_id: str
    name: str
    evidence: str
    record_id: int | None


class ComparedRow(Struct, frozen=True):
    """A field with the record's value and those of the objects, in their order."""

    name: str
    local: Any
    remote: tuple[ComparedValue, ...]


class HeldRecordView(Struct, frozen=True):
    """A record that a push left to a person, beside the objects that it may be."""

    found: HeldRecord
    name: str
    objects: list[ObjectView]
    rows: list[ComparedRow]


def held_record_views(session: Session, rows: Sequence[HeldRecord]) -> list[HeldRecordView]:
    """The lines of these records, in their order."""
    by_id: dict[int, HeldRecordView] = {}
    for object_type in OBJECT_TYPES:
        of_type = [row for row in rows if row.object_type == object_type]
        if of_type:
            found = held_objects.records(session, object_type, [row.record_id for row in of_type])
            mapping = mappings.load(session, of_type[0].connection_id, object_type)
            by_id |= {row.id: _record_view(row, found.get(row.record_id), mapping) for row in of_type}
    return [by_id[row.id] for row in rows]


def _record_view(row: HeldRecord, record: dict[str, Any] | None, mapping: Mapping) -> HeldRecordView:
    candidates: list[dict[str, Any]] = (row.detail or {}).get("candidates", [])
    shown = candidates[:_MOST_CANDIDATES]
    objects = [
        ObjectView(
            one["remote_id"],
            called(row.object_type, one["name"]),
            evidence(one["evidence"]),
            one.get("record_id"),
        )
        for one in shown
    ]
    if record is None:
        return HeldRecordView(row, _("A record that was deleted"), objects, [])
    compared = [
        {item.field.name: item for item in compare(one.get("properties", {}), [record], mapping)}
        for one in shown
    ]
    rows = []
    for field in FIELDS[mapping.object_type]:
        sides = [each.get(field.name) for each in compared]
        if field.kind != "company" and any(sides):
            remote = tuple(
                ComparedValue(side.remote, side.candidates[0].differs) if side else ComparedValue(None)
                for side in sides
            )
            rows.append(ComparedRow(field.name, record.get(field.name), remote))
    return HeldRecordView(row, _name_of(mapping, record), objects, rows)


def held_views(session: Session, rows: Sequence[RemoteObject]) -> list[HeldView]:
    """The lines of these objects, in their order."""
    by_id: dict[int, HeldView] = {}
    for object_type in OBJECT_TYPES:
        of_type = [row for row in rows if row.object_type == object_type]
        if of_type:
            by_id |= {view.found.id: view for view in _views_of(session, object_type, of_type)}
    return [by_id[row.id] for row in rows]


def _views_of(session: Session, object_type: ObjectType, rows: Sequence[RemoteObject]) -> list[HeldView]:
    connection_id = rows[0].connection_id
    ids = sorted({item["record_id"] for row in rows for item in _candidates(row)})
    records = held_objects.records(session, object_type, ids)
    linked = held_objects.linked_ids(session, connection_id, object_type, ids)
    mapping = mappings.load(session, connection_id, object_type)
    remote_ids = [row.company_remote_id for row in rows if row.company_remote_id]
    companies = held_objects.linked_companies(session, connection_id, remote_ids)
    return [_view(row, records, linked, mapping, companies) for row in rows]


def _view(
    row: RemoteObject,
    records: dict[int, dict[str, Any]],
    linked: set[int],
    mapping: Mapping,
    companies: dict[str, tuple[int, str | None]],
) -> HeldView:
    given = _candidates(row)
    present = [item for item in given if item["record_id"] in records]
    shown = present[:_MOST_CANDIDATES]
    company_id, company = companies.get(row.company_remote_id or "", (None, None))
    return HeldView(
        found=row,
        candidates=[
            CandidateView(
                item["record_id"],
                _name_of(mapping, records[item["record_id"]]),
                evidence(item["evidence"]),
                item["record_id"] in linked,
            )
            for item in shown
        ],
        fields=compare(
            _as_properties(row.properties, mapping),
            [records[item["record_id"]] for item in shown],
            mapping,
            company=(company, company_id),
        ),
        more=len(present) - len(shown),
        has_deleted=len(present) < len(given),
    )


def _as_properties(texts: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """HubSpot's texts, which are kept by our fields, by property."""
    names = mapping.property_names
    return {names.get(field, field): text for field, text in texts.items()}


def _name_of(mapping: Mapping, values: dict[str, Any]) -> str:
    return called(mapping.object_type, record_name(mapping.object_type, values))


def _candidates(row: RemoteObject) -> list[dict[str, Any]]:
    candidates: list[dict[str, Any]] = (row.detail or {}).get("candidates", [])
    return candidates
