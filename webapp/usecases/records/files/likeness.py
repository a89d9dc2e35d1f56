"""Which rows of a file look like records that are here, before and after they are stored."""

from collections.abc import Sequence

import structlog

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.row_plan import RowPlan
from webapp.services import Services
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.store.duplicates import candidates, pairs
from webapp.store.records.files.planned_rows import Alike
from webapp.usecases.duplicates import finding

AT_ONCE = 200
"""So many records are compared in one transaction, so that other writers wait for a moment only."""

_log = structlog.get_logger()


def alike(services: Services, object_type: ObjectType, plans: Sequence[RowPlan]) -> dict[int, list[Alike]]:
    """Of the rows that would be new records those that look like records here, by the number of the row."""
    new = [plan for plan in plans if plan.outcome == "created"]
    with services.database.reading() as session:
        company_ids = {one for plan in new if isinstance(one := plan.values.get("company_id"), int)}
        names = candidates.company_names(session, company_ids)
    many = [{**plan.values, "company": names.get(plan.values.get("company_id"))} for plan in new]
    found = finding.resembling(services, object_type, many) if many else []
    return {
        plan.number: [Alike(one.record_id, one.name, one.evidence) for one in some]
        for plan, some in zip(new, found, strict=True)
        if some
    }


def list_alike(services: Services, object_type: ObjectType, record_ids: Sequence[int]) -> int:
    """List what looks like these records, which a file has made or changed; returns how many of them do.

    They are stored, so trouble with the database leaves the finding to the next scan.
    """
    count = 0
    for start in range(0, len(record_ids), AT_ONCE):
        some = record_ids[start : start + AT_ONCE]
        try:
            with services.database.writing() as session:
                finding.find_for(session, object_type, some, found_by="csv")
                open_pairs = pairs.of_records(session, object_type, some, "open")
                count += len({one for row in open_pairs for one in pairs.as_pair(row).ids} & set(some))
        except TROUBLE_ERRORS as trouble:
            _log.warning("duplicates_not_looked_for", error=trouble_of(trouble))
            break
    return count
