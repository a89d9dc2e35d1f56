"""The plans of an uploaded file's rows, kept until the file is cleared away."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, to_builtins
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.row_plan import RowOutcome, RowPlan, name_of
from webapp.errors import Problem
from webapp.models import CsvImportRow, CsvImportToken
from webapp.store.database.bulk import insert_missing_rows, insert_rows
from webapp.store.database.lists import among
from webapp.store.database.pages import Number, Page, cursor, place_of
from webapp.store.runs.entry import LONGEST_NAME

__all__ = ["CsvImportRow"]

PAGE_SIZE = 50
MOST_ALIKE = 5
"""More of what a row looks like a person does not read."""
_LONGEST_SHOWN = 80
_DIGITS = 60
_COLUMNS = (
    *("import_id", "number", "outcome", "record_id", "name"),
    *("changes", "errors", "warnings", "values", "alike", "is_alike", "compared"),
)


class Alike(Struct, frozen=True, omit_defaults=True):
    """A record, or another row of the file, that a row looks like, with the signs."""

    name: str
    evidence: tuple[str, ...]
    record_id: int | None = None
    row: int | None = None


def clear(session: Session, import_id: int) -> None:
    """Forget the plans of a file that is checked again."""
    for table in (CsvImportToken, CsvImportRow):
        statement = delete(table).where(table.import_id == import_id)
        session.execute(statement.execution_options(synchronize_session=False))


def keep(
    session: Session,
    import_id: int,
    object_type: ObjectType,
    plans: Sequence[RowPlan],
    *,
    alike: Mapping[int, Sequence[Alike]],
    compared: Mapping[int, Mapping[str, Any]],
) -> None:
    """Keep the plans of some rows, and what no other row may share with them.

    Args:
        session: A writing transaction.
        import_id: Whose rows they are.
        object_type: Companies or contacts.
        plans: What the rows would do.
        alike: Of rows that look like records here, which, by the number of the row.
        compared: Of new records what other rows are compared with.
    """
    rows = [
        (
            *_row(import_id, object_type, plan, alike.get(plan.number, ())),
            dict(compared[plan.number]) if plan.number in compared else None,
        )
        for plan in plans
    ]
    table: Any = CsvImportRow.__table__
    insert_rows(session, table, _COLUMNS, rows)
    tokens: Any = CsvImportToken.__table__
    held = [(import_id, _short(token), plan.number) for plan in plans for token in plan.tokens]
    insert_missing_rows(session, tokens, ("import_id", "token", "number"), held)


def _row(import_id: int, object_type: ObjectType, plan: RowPlan, alike: Sequence[Alike]) -> tuple[Any, ...]:
    named = plan.errors.keys() | plan.warnings.keys()
    values = {name: plan.given[name][:_LONGEST_SHOWN] for name in named if plan.given.get(name)}
    name = name_of(object_type, plan)
    problems = (to_builtins(plan.errors) or None, to_builtins(plan.warnings) or None)
    changes = [list(change) for change in plan.changes] or None
    return (
        *(import_id, plan.number, plan.outcome, plan.record_id, name[:LONGEST_NAME], changes, *problems),
        *(values or None, to_builtins(list(alike)) or None, bool(alike)),
    )


def _short(token: str) -> str:
    """A token that fits an index, however long an address is; its kind and a record's number can be read."""
    kind, _, what = token.partition(" ")
    return token if kind == "id" else f"{kind} {hashlib.sha256(what.encode()).hexdigest()[:_DIGITS]}"


def repeated(session: Session, import_id: int, first: int, last: int) -> list[tuple[int, str, int]]:
    """The repetitions among rows `first` to `last`: `(row, token, another row that holds it)`."""
    query = (
        select(CsvImportToken.number, CsvImportToken.token, _end(func.min), _end(func.max))
        .where(CsvImportToken.import_id == import_id, CsvImportToken.number.between(first, last))
        .order_by(CsvImportToken.number, CsvImportToken.token)
    )
    return [
        (number, token, highest if number == lowest else lowest)
        for number, token, lowest, highest in session.execute(query)
        if lowest != highest
    ]


def _end(of: Any) -> Any:
    """The first or the last row that holds the same token: a look-up each, however many hold it."""
    other = aliased(CsvImportToken)
    is_same = (other.import_id == CsvImportToken.import_id, other.token == CsvImportToken.token)
    return select(of(other.number)).where(*is_same).scalar_subquery()


def fail(session: Session, import_id: int, wrong: Mapping[int, Mapping[str, Problem]]) -> None:
    """Some rows repeat others, so that they would fail."""
    query = select(CsvImportRow).where(
        CsvImportRow.import_id == import_id, among(session, CsvImportRow.number, sorted(wrong))
    )
    for row in session.scalars(query):
        row.outcome, row.changes = "failed", None
        row.errors = {**(row.errors or {}), **to_builtins(dict(wrong[row.number]))}
        row.alike, row.is_alike, row.compared = None, False, None
    session.flush()


def compared(
    session: Session, import_id: int, numbers: Iterable[int]
) -> dict[int, tuple[str, dict[str, Any]]]:
    """The rows among these that would be new records, each with its name and its values."""
    query = select(CsvImportRow.number, CsvImportRow.name, CsvImportRow.compared).where(
        CsvImportRow.import_id == import_id,
        among(session, CsvImportRow.number, sorted(numbers)),
        CsvImportRow.compared.is_not(None),
    )
    return {number: (name, values) for number, name, values in session.execute(query)}


def add_alike(session: Session, import_id: int, found: Mapping[int, Sequence[Alike]]) -> None:
    """Keep which other rows these look like, each once, and of each row so many as a person reads."""
    query = select(CsvImportRow).where(
        CsvImportRow.import_id == import_id, among(session, CsvImportRow.number, sorted(found))
    )
    for row in session.scalars(query):
        known = row.alike or []
        rows = {one.get("row") for one in known}
        news = [to_builtins(one) for one in found[row.number] if one.row not in rows]
        row.alike, row.is_alike = [*known, *news][:MOST_ALIKE], True
    session.flush()


def last_number(session: Session, import_id: int) -> int:
    """The number of the last row; 0 without any."""
    query = select(func.max(CsvImportRow.number)).where(CsvImportRow.import_id == import_id)
    return session.scalar(query) or 0


def counts(session: Session, import_id: int) -> dict[str, int]:
    """How many rows would end how; `alike`: how many of them look like a record here or another row."""
    query = select(CsvImportRow.outcome, func.count()).where(CsvImportRow.import_id == import_id)
    found = dict(session.execute(query.group_by(CsvImportRow.outcome)).all())
    alike = select(func.count()).where(CsvImportRow.import_id == import_id, CsvImportRow.is_alike.is_(True))
    return found | {"alike": session.scalar(alike) or 0}


def page(
    session: Session, import_id: int, *, shown: RowOutcome | str = "", after: str = ""
) -> Page[CsvImportRow]:
    """A page of rows in the order of the file.

    Args:
        session: Where to read.
        import_id: The file.
        shown: Only rows with this outcome, or with `alike` those that look like a record; all where blank.
        after: A cursor from the page before.
    """
    place = place_of(after, tuple[Number])
    query = _shown(import_id, shown).order_by(CsvImportRow.number).limit(PAGE_SIZE + 1)
    if place is not None:
        query = query.where(CsvImportRow.number > place[0])
    rows = list(session.scalars(query))
    following = cursor(rows[PAGE_SIZE - 1].number) if len(rows) > PAGE_SIZE else ""
    return Page(rows[:PAGE_SIZE], next=following, is_first=place is None)


def failed(session: Session, import_id: int, numbers: Iterable[int]) -> dict[int, CsvImportRow]:
    """The rows among these that have errors, by number."""
    given = list(numbers)
    if not given:
        return {}
    query = _shown(import_id, "failed").where(CsvImportRow.number.between(given[0], given[-1]))
    return {row.number: row for row in session.scalars(query)}


def _shown(import_id: int, shown: str) -> Select[CsvImportRow]:
    query = select(CsvImportRow).where(CsvImportRow.import_id == import_id)
    if shown == "alike":
        return query.where(CsvImportRow.is_alike.is_(True))
    return query.where(CsvImportRow.outcome == shown) if shown else query
