"""Which rows of a file look like records here or like each other, before and after they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.duplicates.keys import MOST_OF_KEY, keys_of
from webapp.domain.duplicates.pairs import compare
from webapp.domain.matching.frequencies import Frequencies
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.row_plan import RowPlan
from webapp.services import Services
from webapp.store.duplicates import candidates, scan_keys
from webapp.store.duplicates.scan_keys import Stretch
from webapp.store.records.files import planned_rows
from webapp.store.records.files.planned_rows import Alike
from webapp.usecases.matching import finding

Values = Mapping[int, Mapping[str, Any]]
"""The compared traits of new records, by row number; for contacts with the name of their company."""


def compared(services: Services, plans: Sequence[RowPlan]) -> dict[int, dict[str, Any]]:
    """The compared traits of rows that would be new records, by the number of the row."""
    new = [plan for plan in plans if plan.outcome == "created"]
    with services.database.reading() as session:
        company_ids = {one for plan in new if isinstance(one := plan.values.get("company_id"), int)}
        names = candidates.company_names(session, company_ids)
    return {plan.number: {**plan.values, "company": names.get(plan.values.get("company_id"))} for plan in new}


def alike(services: Services, object_type: ObjectType, rows: Values) -> dict[int, list[Alike]]:
    """The records that rows look like, by the number of the row; other rows are left out."""
    found = finding.resembling(services, object_type, list(rows.values())) if rows else []
    return {
        number: [Alike(one.name, one.evidence, record_id=one.record_id) for one in some]
        for number, some in zip(rows, found, strict=True)
        if some
    }


def write_keys(session: Session, run_id: int, object_type: ObjectType, rows: Values) -> None:
    """Store the keys of rows; rows that share one are compared with each other."""
    keys = {number: keys_of(object_type, values) for number, values in rows.items()}
    scan_keys.add(session, run_id, object_type, keys)


def compare_rows(
    session: Session, import_id: int, object_type: ObjectType, stretch: Stretch, by_count: Frequencies
) -> None:
    """Store which rows look alike, among those that share a key."""
    together = {
        (one, other)
        for block in stretch.blocks
        for place, one in enumerate(block[:MOST_OF_KEY])
        for other in block[place + 1 : MOST_OF_KEY]
    }
    rows = planned_rows.compared(session, import_id, {number for pair in together for number in pair})
    found: dict[int, list[Alike]] = {}
    for one, other in sorted(together):
        if one in rows and other in rows:
            sides = ((number, rows[number][1]) for number in (one, other))
            pair = compare(object_type, *sides, frequencies=by_count)
            if pair is not None:
                found.setdefault(one, []).append(Alike(rows[other][0], pair.evidence, row=other))
                found.setdefault(other, []).append(Alike(rows[one][0], pair.evidence, row=one))
    planned_rows.add_alike(session, import_id, found)
