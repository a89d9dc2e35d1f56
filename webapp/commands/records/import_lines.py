"""The plan and the result of a CSV import, as lines of text for the commands."""

from collections.abc import Iterator

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.row_plan import RowOutcome, RowPlan
from webapp.domain.records.validate import as_text
from webapp.text.records.files import ENCODINGS, separator_name
from webapp.text.records.records import OBJECT_TYPES, value_problem
from webapp.usecases.records.files.import_result import Imported, RowProblems

_OUTCOMES: dict[RowOutcome, str] = {
    "created": "would create a record",
    "updated": "would change record {record_id}: {changes}",
    "unchanged": "says what record {record_id} has already",
    "already": "was stored from this file before, and is left alone",
    "failed": "has an error",
}
_MOST_CHARACTERS = 40


def row_line(plan: RowPlan) -> str:
    """The plan of a row, as one line."""
    changes = ", ".join(f"{name} {_quoted(old)} → {_quoted(new)}" for name, old, new in plan.changes)
    text = _OUTCOMES[plan.outcome].format(record_id=plan.record_id, changes=changes)
    return f"row {plan.number}: {text}"


def problem_lines(row: RowProblems) -> Iterator[str]:
    """The errors and warnings of a row, a line for each column, with its value."""
    for name, problem in row.problems.items():
        value = f" It is {_quoted(row.values[name])}." if name in row.values else ""
        yield f"row {row.number}: {name}: {value_problem(problem)}{value}"


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


def _quoted(value: object) -> str:
    text = as_text(value)
    return f"“{text[:_MOST_CHARACTERS]}{'…' if len(text) > _MOST_CHARACTERS else ''}”" if text else "empty"
