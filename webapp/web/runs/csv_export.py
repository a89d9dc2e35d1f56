"""A run's entries as a CSV file, oldest page last, written while it is sent."""

from collections.abc import Iterator

from webapp.domain.records.files.csv_cells import to_lines
from webapp.store.runs import log
from webapp.store.runs.log import CompanyNames, EntryFilter, LogEntry
from webapp.text.reasons import REASONS, Reason
from webapp.text.records.records import called
from webapp.web.records.field_labels import label, value_label
from webapp.web.runs.labels import lines_of, whole
from webapp.web.services import services

_COLUMNS = (
    *("number", "at", "records", "id", "hubspot_id", "name", "outcome", "reason"),
    *("text", "remedy", "changes", "details"),
)
ENTRIES_AT_ONCE = 500
"""How many entries are read before their lines are sent."""


def rows(run_id: int, entry_filter: EntryFilter) -> Iterator[str]:
    """The file, one page of entries at a time; the database is open only while a page is read."""
    yield to_lines([_COLUMNS])
    after = ""
    while True:
        with services().database.reading() as session:
            row = log.run_row(session, run_id)
            if row is None:
                return
            page = log.entries(session, row.run, entry_filter, after=after, limit=ENTRIES_AT_ONCE)
            companies = log.companies_named(session, page.rows)
        yield to_lines([_cells(entry, companies) for entry in page.rows])
        after = page.next
        if not after:
            return


def _cells(entry: LogEntry, companies: CompanyNames) -> tuple[str, ...]:
    reason = REASONS.get(entry.reason or "", Reason(entry.reason or ""))
    changes = [_change(entry, tuple(one), companies) for one in entry.changes or ()]
    return (
        *(str(entry.seq), entry.at.isoformat(), entry.object_type, str(entry.record_id or "")),
        *(entry.remote_id or "", called(entry.object_type, entry.name), entry.outcome, entry.reason or ""),
        *(reason.text, reason.remedy, "; ".join(changes)),
        " ".join(lines_of(entry.object_type, entry.detail or {})),
    )


def _change(entry: LogEntry, change: tuple[str, object, object], companies: CompanyNames) -> str:
    field, old, new = change
    named = label(entry.object_type, field)  # type: ignore[arg-type]
    return f"{named}: {_named(entry, field, old, companies)} → {_named(entry, field, new, companies)}"


def _named(entry: LogEntry, field: str, value: object, companies: CompanyNames) -> str:
    """A value in full, by its label; a company by its name."""
    if field == "company_id" and isinstance(value, int):
        return companies.get(value, str(value))
    return whole(value_label(entry.object_type, field, value))  # type: ignore[arg-type]
