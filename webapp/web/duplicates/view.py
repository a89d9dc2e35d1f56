"""Groups of possible duplicates as the pages show them, gathered with a fixed number of queries a page."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.duplicates.choices import Side, differing, staying, values_from
from webapp.domain.duplicates.groups import Group
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.records.validate import as_text
from webapp.domain.records.values import Value, is_blank
from webapp.store.duplicates import lists, sides
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.merged import MergedRecord
from webapp.store.duplicates.pairs import PossibleDuplicate, as_pair
from webapp.text.matching import evidence
from webapp.text.records.records import called
from webapp.text.translated import gettext as _
from webapp.web.records.field_labels import label, value_label


class RecordView(Struct, frozen=True):
    """A record of a group. `remote_id` is its object in HubSpot, `state` that of its link."""

    record_id: int
    name: str
    is_active: bool
    version: int
    created_at: datetime
    updated_at: datetime
    contacts: int
    remote_id: str | None
    state: str | None


class GroupView(Struct, frozen=True):
    """A line of the list: its pair, all records that belong to it, and what speaks for it."""

    pair: PossibleDuplicate
    records: list[RecordView]
    evidence: str

    @property
    def names(self) -> str:
        """The records' names in one line."""
        return ", ".join(record.name for record in self.records)


class Cell(Struct, frozen=True):
    """A record's value in a field."""

    record_id: int
    text: str
    is_blank: bool
    is_default: bool


class FieldRow(Struct, frozen=True):
    """A field beside the records' values. `differs`: they do not all say the same."""

    name: str
    label: str
    cells: list[Cell]
    differs: bool


class Comparison(Struct, frozen=True):
    """Records side by side, with what stays unless a person chooses otherwise."""

    records: list[RecordView]
    rows: list[FieldRow]
    stays: int
    same: int
    evidence: list[str]


def group_views(session: Session, question: Question, rows: Sequence[PossibleDuplicate]) -> list[GroupView]:
    """The lines of a page of pairs. A group is shown at its strongest pair, unless a filter may hide that."""
    kind = question.object_type
    groups = _groups(session, question, rows)
    shown: list[tuple[PossibleDuplicate, Sequence[int]]] = []
    seen: set[tuple[int, ...]] = set()
    for row in rows:
        group = next((one for one in groups if as_pair(row) in one.pairs), None)
        numbers = group.record_ids if group is not None else (row.lower_id, row.higher_id)
        leads = group is None or is_narrowed(question) or group.pairs[0].ids == (row.lower_id, row.higher_id)
        if leads and numbers not in seen:
            seen.add(numbers)
            shown.append((row, numbers))
    records = record_views(
        session, kind, {one for _, numbers in shown for one in numbers}, question.connection_id
    )
    return [
        GroupView(row, [records[one] for one in numbers if one in records], evidence(row.evidence.split()))
        for row, numbers in shown
    ]


def _groups(session: Session, question: Question, rows: Sequence[PossibleDuplicate]) -> list[Group]:
    if question.state != "open" or not rows:
        return []
    return lists.groups(
        session, question.object_type, sorted({one for row in rows for one in as_pair(row).ids})
    )


def is_narrowed(question: Question) -> bool:
    """Whether a question leaves pairs out that others of its group are."""
    return bool(question.sign or question.strength or question.search or question.linked != "any")


def record_views(
    session: Session, object_type: ObjectType, ids: Iterable[int], connection_id: int | None
) -> dict[int, RecordView]:
    """Records by number, those that are still here."""
    found = sides.read(session, object_type, sorted(set(ids)), connection_id)
    return {
        number: RecordView(
            number,
            called(object_type, record_name(object_type, one.values)),
            one.is_active,
            one.version,
            one.side.created_at,
            one.side.updated_at,
            one.side.contacts,
            one.remote_id,
            one.link_state,
        )
        for number, one in found.items()
    }


def winners(session: Session, rows: Sequence[MergedRecord]) -> dict[tuple[str, int], str]:
    """The names of the records that stayed and still exist, by type and number."""
    found: dict[tuple[str, int], str] = {}
    for object_type in OBJECT_TYPES:
        ids = {row.winner_id for row in rows if row.object_type == object_type}
        views = record_views(session, object_type, ids, None)
        found |= {(object_type, number): view.name for number, view in views.items()}
    return found


def compare(
    session: Session, object_type: ObjectType, group: Group, connection_id: int | None
) -> Comparison | None:
    """The records of a group side by side; None where fewer than two are left."""
    found = sides.read(session, object_type, group.record_ids, connection_id)
    if len(found) < 2:  # noqa: PLR2004 - there is nothing to compare
        return None
    all_sides = [one.side for one in found.values()]
    companies = sides.company_names(session, all_sides) if object_type == "contacts" else {}
    stays = staying(all_sides)
    unlike, table = set(differing(all_sides)), _Table(object_type, all_sides, companies)
    rows = [
        FieldRow(name, label(object_type, name), table.cells(name, record_id), name in unlike)
        for name, record_id in values_from(all_sides, stays).items()
    ]
    return Comparison(
        records=list(record_views(session, object_type, found, connection_id).values()),
        rows=rows,
        stays=stays,
        same=sum(not row.differs for row in rows),
        evidence=[evidence(pair.evidence) for pair in group.pairs],
    )


class _Table(Struct, frozen=True):
    """The sides of a comparison, with the names of the companies that contacts belong to."""

    object_type: ObjectType
    sides: Sequence[Side]
    companies: dict[int, str]

    def cells(self, name: str, chosen: int) -> list[Cell]:
        """Each record's value in a field; `chosen` is the record whose value stays."""
        values = [(side.record_id, side.values.get(name)) for side in self.sides]
        return [
            Cell(record_id, self._text(name, value), is_blank(value), record_id == chosen)
            for record_id, value in values
        ]

    def _text(self, name: str, value: Value) -> str:
        if is_blank(value):
            return ""
        if name == "company_id" and isinstance(value, int):
            return self.companies.get(value, _("company %(number)s", number=value))
        return as_text(value_label(self.object_type, name, value))
