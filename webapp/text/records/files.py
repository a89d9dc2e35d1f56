"""Texts about the import of a CSV file: its rows, and its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.domain.records.files.encoding import Encoding
from webapp.domain.records.files.row_plan import RowOutcome
from webapp.errors import Problem
from webapp.text.records.records import label, value_problem
from webapp.text.translated import Table, gettext, number_text

ENCODINGS: dict[Encoding, str] = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "iso8859-2": "ISO 8859-2",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "mac-roman": "Mac OS Roman",
    "cp850": "DOS 850",
    "cp932": "Shift JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
}

_SEPARATORS: Table[str, str] = Table({",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"})

_COLUMNS: dict[str, str] = {
    "id": "Number here",
    "hubspot_id": "Number in HubSpot (Record ID)",
    "company_id": "Company, by its number here",
    "company_domain": "Company, by its domain",
    "company_name": "Company, by its name",
}
COLUMNS = Table(_COLUMNS)
"""What a column can be beside a field, and a field that a file names in a way of its own."""

_ROWS: dict[str, str] = {
    "failed": "With errors",
    "alike": "Look like another",
    "created": "To create",
    "updated": "To change",
    "unchanged": "No change",
    "already": "Imported before",
}
ROWS = Table(_ROWS)
"""By what the rows of a checked file can be filtered."""

_ROW_OUTCOMES: dict[RowOutcome, str] = {
    "created": "Create",
    "updated": "Change",
    "unchanged": "No change",
    "already": "Imported before",
    "failed": "Error",
}
ROW_OUTCOMES = Table(_ROW_OUTCOMES)
"""What a row would do, in a word."""

_IMPORT_STATES: dict[str, str] = {
    "columns": "Columns to be chosen",
    "checking": "Is being checked",
    "stopped": "Check ended early",
    "checked": "Checked, not imported",
    "importing": "Is being imported",
    "over": "Imported",
}
IMPORT_STATES = Table(_IMPORT_STATES)
"""How an import stands."""


def row_lines(number: int, problems: Mapping[str, Any]) -> Iterator[str]:
    """Which row of a file it was, and what is wrong with it, as a run's log keeps that."""
    yield gettext("Row %(number)s of the file.", number=number_text(number))
    for name, stored in problems.items():
        where = "" if name == "row" else f"{label(name)}: "
        yield where + value_problem(Problem(**stored))


def separator_name(separator: str) -> str:
    """The name of a file's separator."""
    return _SEPARATORS.get(separator, f"“{separator}”")
