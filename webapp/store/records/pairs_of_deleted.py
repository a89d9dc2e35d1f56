"""Possible duplicates of deleted records: kept in the log, and brought back by an undo."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import PossibleDuplicate
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among, unindexed
from webapp.store.records.records import TABLES

_TABLE: Any = PossibleDuplicate.__table__
_KEPT = ("evidence", "sign", "points", "strength", "found_by", "state", "decided_by_id")
_TIMES = ("found_at", "decided_at")
# Pairs of a record beyond these add nothing to its group.
_MOST_OF_RECORD = 50


def to_keep(session: Session, object_type: ObjectType, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """By record its pairs, open ones and those that people keep apart; a bounded number."""
    numbers = frozenset(ids)
    rows: dict[int, PossibleDuplicate] = {}
    for side in (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id):
        # One side at a time: an index serves each, and none both.
        query = select(PossibleDuplicate).where(
            PossibleDuplicate.object_type == object_type,
            unindexed(PossibleDuplicate.state) != "merged",
            among(session, side, sorted(numbers)),
        )
        rows |= {row.id: row for row in session.scalars(query)}
    found: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(rows.values(), key=lambda one: (-one.points, one.id)):
        for number, other in ((row.lower_id, row.higher_id), (row.higher_id, row.lower_id)):
            if number in numbers and len(of_record := found.setdefault(number, [])) < _MOST_OF_RECORD:
                of_record.append({"other": other, **_kept(row)})
    return found


def _kept(row: PossibleDuplicate) -> dict[str, Any]:
    times = {name: at.isoformat() if (at := getattr(row, name)) is not None else None for name in _TIMES}
    return {name: getattr(row, name) for name in _KEPT} | times


def bring_back(
    session: Session, object_type: ObjectType, kept: Iterable[tuple[int, Mapping[str, Any]]]
) -> None:
    """Know pairs again, each by a record and what was kept; not those whose other record is gone."""
    pairs = list(kept)
    table: Any = TABLES[object_type]
    others = sorted({one["other"] for _, one in pairs})
    present = set(session.scalars(select(table.id).where(among(session, table.id, others))))
    columns = ("object_type", "lower_id", "higher_id", *_KEPT, *_TIMES)
    rows = {
        ids: (object_type, *ids, *(one[name] for name in _KEPT), *(_moment(one[name]) for name in _TIMES))
        for number, one in pairs
        if one["other"] in present
        for ids in [(min(number, one["other"]), max(number, one["other"]))]
    }
    insert_missing_rows(session, _TABLE, columns, list(rows.values()))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
