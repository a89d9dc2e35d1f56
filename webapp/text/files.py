"""What is said of a CSV file that is imported: of its rows, and at the end."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.encoding import Encoding
from webapp.domain.records.files.row_plan import RowOutcome, RowPlan
from webapp.domain.records.validate import as_text
from webapp.errors import Problem
from webapp.text.records import OBJECT_TYPES, label, value_problem
from webapp.usecases.records.files.imported import Imported, RowProblems

ENCODINGS: dict[Encoding, str] = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

LEFT_OUT = "Leave this column out"
"""Instead of what a column is."""

COLUMNS: dict[str, str] = {
    "id": "Number here",
    "hubspot_id": "Number in HubSpot (Record ID)",
    "company_id": "Company, by its number here",
    "company_domain": "Company, by its domain",
    "company_name": "Company, by its name",
}
"""What a column can be beside a field, and a field that a file names in a way of its own."""

ALL_ROWS = "All"
ROWS: dict[str, str] = {
    "failed": "With errors",
    "alike": "Look like another",
    "created": "To create",
    "updated": "To change",
    "unchanged": "No change",
    "already": "Imported before",
}
"""By what the rows of a checked file can be filtered."""

ROW_OUTCOMES: dict[RowOutcome, str] = {
    "created": "Create",
    "updated": "Change",
    "unchanged": "No change",
    "already": "Imported before",
    "failed": "Error",
}
"""What a row would do, in a word."""

IMPORT_STATES: dict[str, str] = {
    "columns": "Columns to be chosen",
    "checking": "Is being checked",
    "stopped": "Check ended early",
    "checked": "Checked, not imported",
    "importing": "Is being imported",
    "over": "Imported",
}
"""How an import stands."""

ERRORS_HEADING = "Errors"
"""Above what is wrong with each row, in a file of rows with errors."""

_OUTCOMES: dict[RowOutcome, str] = {
    "created": "would create a record",
    "updated": "would change record {record_id}: {changes}",
    "unchanged": "says what record {record_id} has already",
    "already": "was stored from this file before, and is left alone",
    "failed": "has an error",
}
_MOST_CHARACTERS = 40


def row_line(plan: RowPlan) -> str:
    """What a row would do, as one line."""
    changes = ", ".join(f"{name} {_quoted(old)} → {_quoted(new)}" for name, old, new in plan.changes)
    text = _OUTCOMES[plan.outcome].format(record_id=plan.record_id, changes=changes)
    return f"row {plan.number}: {text}"


def problem_lines(row: RowProblems) -> Iterator[str]:
    """What is wrong with a row or worth a look, a line for each column, with what stands there."""
    for name, problem in row.problems.items():
        value = f" It is {_quoted(row.values[name])}." if name in row.values else ""
        yield f"row {row.number}: {name}: {value_problem(problem)}{value}"


def row_lines(number: int, problems: Mapping[str, Any]) -> Iterator[str]:
    """Which row of a file it was, and what is wrong with it, as a run's log keeps that."""
    yield f"Row {number:,} of the file."
    for name, stored in problems.items():
        where = "" if name == "row" else f"{label(name)}: "
        yield where + value_problem(Problem(**stored))


def summary(object_type: ObjectType, result: Imported) -> Iterator[str]:
    """What became of the file, or in a check would become of it."""
    many, counts = OBJECT_TYPES[object_type][1], result.counts()
    verb = "to create" if result.is_check else "created"
    yield (
        f"{many} {verb}: {counts['created']:,}, {'to change' if result.is_check else 'changed'}: "
        f"{counts['updated']:,}, unchanged: {counts['unchanged']:,}. Rows with errors: {counts['failed']:,}."
    )
    if counts["already"]:
        yield (
            f"Rows that were stored from this file before, and left alone: {counts['already']}. "
            "With --again they are stored once more."
        )
    if len(result.errors) < result.failed:
        yield f"The first {len(result.errors):,} rows with errors are listed."
    if result.is_check:
        yield "This was a check: nothing was stored."
    elif not result.is_stored:
        yield "Nothing was stored. Mend these rows, or store the others with --skip-bad-rows."
    if result.alike:
        yield (
            f"Of these look like other records: {result.alike:,}. `duplicates list` and the page Duplicates "
            "show them."
        )
    separator = separator_name(result.separator)
    yield f"The file was read as {ENCODINGS[result.encoding]} with {separator} between its cells."


def separator_name(separator: str) -> str:
    """What stands between the cells of a file."""
    return _SEPARATORS.get(separator, f"“{separator}”")


def _quoted(value: object) -> str:
    text = as_text(value)
    return f"“{text[:_MOST_CHARACTERS]}{'…' if len(text) > _MOST_CHARACTERS else ''}”" if text else "empty"
