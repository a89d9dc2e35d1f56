"""The list of possible duplicates as a CSV file, written while it is sent."""

from collections.abc import Iterator

from webapp.domain.records.files.csv_cells import to_lines
from webapp.store.duplicates import lists
from webapp.store.duplicates.lists import Question
from webapp.store.duplicates.pairs import PossibleDuplicate
from webapp.text.matching import evidence
from webapp.web.duplicates.view import RecordView, record_views
from webapp.web.services import services

_OF_RECORD = ("id", "name", "hubspot_id")
_COLUMNS = (
    *("records", *_OF_RECORD, *(f"other_{name}" for name in _OF_RECORD)),
    *("strength", "points", "evidence", "text", "found_by", "found_at", "state"),
)
PAIRS_AT_ONCE = 500
"""How many pairs are read before their lines are sent."""


def rows(question: Question) -> Iterator[str]:
    """The file, a page of pairs at a time; each page opens the database, reads and closes it."""
    yield to_lines([_COLUMNS])
    after = ""
    while True:
        with services().database.reading() as session:
            page = lists.page(session, question, after=after, limit=PAIRS_AT_ONCE)
            ids = {one for row in page.rows for one in (row.lower_id, row.higher_id)}
            records = record_views(session, question.object_type, ids, question.connection_id)
            lines = [_cells(row, records) for row in page.rows]
        yield to_lines(lines)
        after = page.next
        if not after:
            return


def _cells(row: PossibleDuplicate, records: dict[int, RecordView]) -> tuple[str, ...]:
    signs = row.evidence.split()
    return (
        *(row.object_type, *_of_record(row.lower_id, records), *_of_record(row.higher_id, records)),
        *(row.strength, str(row.points), " ".join(signs), evidence(signs)),
        *(row.found_by, row.found_at.isoformat(), row.state),
    )


def _of_record(record_id: int, records: dict[int, RecordView]) -> tuple[str, str, str]:
    record = records.get(record_id)
    return (str(record_id), record.name, record.remote_id or "") if record else (str(record_id), "", "")
