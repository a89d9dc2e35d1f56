"""The rows of a file that have errors, as a CSV file with a column of errors: to be mended and imported."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.csv_cells import from_cell, to_cell
from webapp.services import Services
from webapp.store.records.files import planned_rows
from webapp.store.records.files.planned_rows import CsvImportRow
from webapp.text.translated import gettext as _
from webapp.usecases.records.files.exporting import BYTE_ORDER_MARK
from webapp.usecases.records.files.reading import Layout, cells_of
from webapp.usecases.records.files.uploading import as_file
from webapp.web.records.files.view import problems_of

ROWS_AT_ONCE = 500
"""How many rows are read before the bad ones among them are sent."""


def lines(services: Services, import_id: int, object_type: ObjectType, layout: Layout) -> Iterator[str]:
    """The file, with the columns of the uploaded one and another for the errors."""
    yield BYTE_ORDER_MARK + _written([[*map(_harmless, layout.headings), _("Errors")]])
    with as_file(services, import_id) as path:
        rows = cells_of(path, layout.encoding, layout.separator)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            with services.database.reading() as session:
                bad = planned_rows.failed(session, import_id, [number for number, _ in some])
            found = [(cells, bad[number]) for number, cells in some if number in bad]
            yield _written(_cells(object_type, cells, row, len(layout.headings)) for cells, row in found)


def _cells(object_type: ObjectType, cells: Sequence[str], row: CsvImportRow, width: int) -> list[str]:
    """A row as it is in the file, with formulas disarmed, and its errors behind it."""
    errors = [
        f"{column}: {text}" if column else text
        for column, text, _, is_error in problems_of(object_type, row)
        if is_error
    ]
    filled = [*cells, *[""] * (width - len(cells))]
    return [*map(_harmless, filled), to_cell(" ".join(errors))]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; somebody else may have made the file."""
    return to_cell(from_cell(cell))


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
