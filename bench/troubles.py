"""What a book has beside its records: what waits for a person, a long log, possible duplicates, edits."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import update

from tests.support.applications.services import writing
from tests.support.samples.factories import make_run
from webapp.models import (
    FailingRecord,
    HeldRecord,
    LogEntry,
    OutboxRecord,
    PossibleDuplicate,
    RecordEdit,
    RemoteObject,
    Run,
)
from webapp.store.database.bulk import insert_rows

_BATCH = 20_000
# One contact in this many: held, failing or waiting to be sent; part of a pair; edited.
_TROUBLED_EACH, _PAIRED_EACH, _EDITED_EACH = 50, 10, 10
# One log entry in this many is notable; of the others, one in three is an update.
_NOTABLE_EACH, _UPDATED_EACH = 50, 3


class _Rows(NamedTuple):
    """Rows of one table, made as they are written."""

    table: Any
    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


def fill(connection_id: int, contacts: int) -> int:
    """Add to a generated book what a large one has; answers the run whose log names every contact."""
    hold(connection_id, contacts // _TROUBLED_EACH)
    run_id = make_run(connection_id, counts={"contacts": {"created": contacts}}).id
    now = datetime.now(UTC)
    for some in (_waiting(connection_id, contacts, now), _log(run_id, contacts, now), _pairs(contacts, now)):
        _write(some)
    _write(_edits(contacts, now))
    with writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(last_seq=contacts))
    return run_id


def hold(connection_id: int, count: int) -> None:
    """Add held objects with one candidate each, held records, and failing records, as many of each."""
    now = datetime.now(UTC)
    for some in (_held_objects(count, now), _held_records(count, now), _failing(count, now)):
        columns = ("connection_id", "object_type", *some.columns)
        _write(_Rows(some.table, columns, ((connection_id, "contacts", *row) for row in some.rows)))


def _write(some: _Rows) -> None:
    while batch := list(islice(some.rows, _BATCH)):
        with writing() as session:
            insert_rows(session, some.table.__table__, some.columns, batch)


def _held_objects(count: int, now: datetime) -> _Rows:
    columns = ("remote_id", "display_name", "properties", "state", "reason", "detail", "read_at")
    rows = (
        (
            *(str(n), f"First{n} Last{n}", {"first_name": f"First{n}", "last_name": f"Last{n}"}),
            *("held", ("doubtful_match", "several_candidates")[n % 2]),
            *({"candidates": [{"record_id": n + 1, "evidence": ["same_name"]}]}, now),
        )
        for n in range(count)
    )
    return _Rows(RemoteObject, columns, rows)


def _held_records(count: int, now: datetime) -> _Rows:
    columns = ("record_id", "reason", "detail", "held_at", "run_id")
    return _Rows(
        HeldRecord, columns, ((n + 1, "object_linked", {"candidates": []}, now, 1) for n in range(count))
    )


def _failing(count: int, now: datetime) -> _Rows:
    columns = ("key", "record_id", "name", "direction", "reason", "property", "detail", "run_id", "failed_at")
    rows = (
        (
            *(str(n + 1), n + 1, f"First{n} Last{n}", "out", "refused_by_hubspot"),
            *(("email", "phone")[n % 2], {"error": "Email address is invalid"}, 1, now),
        )
        for n in range(count)
    )
    return _Rows(FailingRecord, columns, rows)


def _waiting(connection_id: int, contacts: int, now: datetime) -> _Rows:
    columns = ("connection_id", "object_type", "record_id", "edited_at", "version")
    waiting = range(1, contacts + 1, _TROUBLED_EACH)
    return _Rows(OutboxRecord, columns, ((connection_id, "contacts", n, now, str(n)) for n in waiting))


def _log(run_id: int, contacts: int, now: datetime) -> _Rows:
    columns = ("run_id", "seq", "at", "object_type", "record_id", "remote_id", "name", "outcome", "reason")
    rows = (
        (run_id, n, now, "contacts", n, str(10_000_000 + n), f"Contact {n}", *_ending(n))
        for n in range(1, contacts + 1)
    )
    return _Rows(LogEntry, columns, rows)


def _ending(number: int) -> tuple[str, str | None]:
    if number % _NOTABLE_EACH == 0:
        return "held", "doubtful_match"
    return ("updated" if number % _UPDATED_EACH == 0 else "created"), None


def _pairs(contacts: int, now: datetime) -> _Rows:
    columns = ("object_type", "lower_id", "higher_id", "evidence", "sign", "points", "strength", "found_by")
    signs, strengths = ("same_name", "same_phone", "same_email"), ("certain", "doubtful")
    rows = (
        (
            *("contacts", n, n + _PAIRED_EACH // 2, f" {signs[n // 10 % 3]} same_city ", signs[n // 10 % 3]),
            *(10 + n % 30, strengths[n // 10 % 2], "scan", "open", now),
        )
        for n in range(1, contacts - _PAIRED_EACH, _PAIRED_EACH)
    )
    return _Rows(PossibleDuplicate, (*columns, "state", "found_at"), rows)


def _edits(contacts: int, now: datetime) -> _Rows:
    columns = ("object_type", "record_id", "at", "origin", "changes")
    edited = range(1, contacts + 1, _EDITED_EACH)
    return _Rows(
        RecordEdit, columns, (("contacts", n, now, "person", [["city", None, "Ulm"]]) for n in edited)
    )
