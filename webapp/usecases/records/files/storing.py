"""Storing some rows of a file in the caller's transaction: records, their changes, what is to be sent."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.files.recognition import Known
from webapp.domain.records.files.row_plan import RowPlan
from webapp.domain.records.files.rows import Row
from webapp.domain.records.values import Change
from webapp.store.push import outbox
from webapp.store.records import edits, records
from webapp.store.records.files import file_imports
from webapp.usecases.records.files.open_file import OpenFile


class OvertakenError(Exception):
    """One of these records was written by somebody else since it was read."""


class Author(Struct, frozen=True):
    """The person who imports, and the run."""

    user_id: int | None = None
    run_id: int | None = None


class StoredRecord(Struct, frozen=True):
    """A record that a row has made or changed."""

    plan: RowPlan
    record_id: int
    changes: Sequence[Change]


class StoredRows(Struct, frozen=True):
    """The rows that were stored, and the connections to which they are to be sent."""

    records: list[StoredRecord]
    to_send_to: list[int]


def store(
    session: Session,
    file: OpenFile,
    rows: list[Row],
    plans: Sequence[RowPlan],
    known: Known,
    *,
    now: datetime,
    author: Author | None = None,
) -> StoredRows:
    """Carry plans out, if what they rest on is still so.

    Raises:
        OvertakenError: It is not any more.
    """
    file_imports.claim(session, file.object_type, file.look.digest, now)
    if file.known(session, rows) != known:
        raise OvertakenError
    return write(session, file, plans, now, author or Author())


def write(
    session: Session, file: OpenFile, plans: Sequence[RowPlan], now: datetime, author: Author
) -> StoredRows:
    """Store records, what was changed of them, and that they are to be sent."""
    object_type = file.object_type
    created = [plan for plan in plans if plan.outcome == "created"]
    values = [plan.values for plan in created]
    numbers = records.insert_many(session, object_type, values) if values else []
    stored = [
        StoredRecord(plan, number, edits.changes_between({}, plan.values))
        for plan, number in zip(created, numbers, strict=True)
    ]
    for plan in plans:
        if plan.outcome != "updated":
            continue
        record_id = plan.record_id or 0
        if not records.change(session, object_type, record_id, plan.version, plan.values):
            raise OvertakenError
        stored.append(StoredRecord(plan, record_id, plan.changes))
    edits.add(
        session,
        object_type,
        [(one.record_id, one.changes) for one in stored],
        origin="csv",
        now=now,
        user_id=author.user_id,
        run_id=author.run_id,
    )
    file_imports.record_stored(session, object_type, file.look.digest, [plan.number for plan in created])
    return StoredRows(stored, outbox.add(session, object_type, [one.record_id for one in stored], now))
