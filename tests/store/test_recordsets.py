"""Many rows in one statement hold what the same rows would hold one by one, on either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from tests.support.applications.services import reading, writing
from tests.support.databases.statements import statements
from tests.support.samples.factories import make_company, make_connection, make_run
from webapp.models import Company, LogEntry, OutboxRecord, WriteGeneration
from webapp.store.database.bulk import insert_missing_rows, insert_rows, replace_rows, update_rows

pytestmark = pytest.mark.usefixtures("in_app")

_ENTRY = ("run_id", "seq", "at", "object_type", "record_id", "name", "outcome", "changes", "detail")
_AT = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5)))
_NAMES = ['O\'Neil "x" \\', "Łódź 🚀 \u2028", "%s %(rows)s :name", "two\nlines\ttab", "null", ""]


def _entries(run_id: int, names: list[str]) -> list[tuple[Any, ...]]:
    return [
        (run_id, seq, _AT, "contacts", None, name, "created", [["name", None, name]], None)
        for seq, name in enumerate(names, start=1)
    ]


def test_values_of_every_kind_come_back_as_they_were() -> None:
    run_id = make_run(make_connection().id).id
    table: Any = LogEntry.__table__
    with writing() as session, statements() as sent:
        insert_rows(session, table, _ENTRY, _entries(run_id, _NAMES))
    assert len([one for one in sent if "log_entries" in one]) == 1, "however many rows there are"
    with reading() as session:
        found = list(session.scalars(select(LogEntry).order_by(LogEntry.seq)))
    assert [one.name for one in found] == _NAMES
    assert [one.changes for one in found] == [[["name", None, name]] for name in _NAMES]
    assert {one.at for one in found} == {_AT.astimezone(UTC)}
    assert {(one.detail, one.record_id, one.is_association) for one in found} == {(None, None, False)}


def test_values_that_are_equal_and_written_otherwise_stay_apart() -> None:
    run_id = make_run(make_connection().id).id
    table: Any = LogEntry.__table__
    given: list[Any] = [[["shoe", None, 1]], [["shoe", None, 1.5 - 0.5]], [["shoe", None, True]]]
    with writing() as session:
        rows = [
            (*one[:7], changes, None) for one, changes in zip(_entries(run_id, _NAMES), given, strict=False)
        ]
        insert_rows(session, table, _ENTRY, rows)
    with reading() as session:
        found = list(session.scalars(select(LogEntry.changes).order_by(LogEntry.seq)))
    assert [type(one[0][2]) for one in found[::2]] == [int, bool]


def test_of_several_rows_about_one_the_last_counts() -> None:
    number = make_connection().id
    table: Any = OutboxRecord.__table__
    columns = ("connection_id", "object_type", "record_id", "edited_at", "version", "pushed_by_run_id")
    rows = [(number, "contacts", place % 3, _AT, f"v{place}", None) for place in range(9)]
    with writing() as session:
        replace_rows(session, table, columns, columns[:3], rows)
        replace_rows(session, table, columns, columns[:3], [*rows[:4], (number, "contacts", 0, _AT, "w", 4)])
    with reading() as session:
        found = session.execute(select(table.c.record_id, table.c.version, table.c.pushed_by_run_id)).all()
    assert sorted(found) == [(0, "w", 4), (1, "v1", None), (2, "v2", None)]


def test_what_is_there_already_is_left_alone() -> None:
    numbers = [make_connection(str(number)).id for number in range(5)]
    table: Any = WriteGeneration.__table__
    with writing() as session:
        insert_missing_rows(session, table, ("connection_id", "generation"), [(numbers[0], 7)])
        rows = [(number, 0) for number in numbers]
        insert_missing_rows(session, table, ("connection_id", "generation"), [*rows, *rows])
    with reading() as session:
        assert sorted(session.scalars(select(WriteGeneration.generation))) == [0, 0, 0, 0, 7]


def test_rows_are_updated_by_number_and_their_version_rises_once() -> None:
    ids = [make_company(name=f"Firm {number}").id for number in range(6)]
    table: Any = Company.__table__
    rows = [(f"New {number}", {"colour": number}, number) for number in ids]
    with writing() as session:
        update_rows(session, table, ("name", "custom"), [*rows, ("Last", None, ids[0])], raised="version")
    with reading() as session:
        found = {one.id: (one.name, one.custom, one.version) for one in session.scalars(select(Company))}
    assert found.pop(ids[0])[:2] == ("Last", None)
    assert found == {number: (f"New {number}", {"colour": number}, 2) for number in ids[1:]}


@pytest.mark.postgresql
def test_what_a_column_cannot_hold_is_refused_as_an_error_of_data() -> None:
    run_id = make_run(make_connection().id).id
    table: Any = LogEntry.__table__
    with pytest.raises(DataError, match="too long"), writing() as session:
        insert_rows(session, table, _ENTRY, _entries(run_id, ["x" * 400] * 5))


def test_a_row_that_is_there_twice_is_refused_as_a_conflict() -> None:
    run_id = make_run(make_connection().id).id
    table: Any = LogEntry.__table__
    rows = _entries(run_id, _NAMES)
    with pytest.raises(IntegrityError), writing() as session:
        insert_rows(session, table, _ENTRY, [*rows, rows[0]])
