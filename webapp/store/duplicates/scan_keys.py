"""The keys of all records for a scan, or of the rows of a file: written in stretches, read in order."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import CursorResult, Select, String, and_, case, cast, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.domain.duplicates.keys import INITIALS, LETTERS
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Contact, ContactAddress, Run, ScanKey
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import dialect_of
from webapp.store.records.records import TABLES

_TABLE: Any = ScanKey.__table__
_COLUMNS = ("run_id", "object_type", "key", "record_id")


class Stretch(Struct, frozen=True):
    """The records of each of some keys that follow each other; `up_to` is the last of the keys."""

    blocks: list[list[int]]
    up_to: str


def count_records(session: Session, object_type: ObjectType) -> int:
    """How many records there are to compare."""
    return session.scalar(select(func.count()).select_from(TABLES[object_type])) or 0


def write_stretch(
    session: Session, run_id: int, object_type: ObjectType, after_id: int, limit: int
) -> tuple[int | None, int]:
    """Write the keys of the next records.

    Returns:
        The number of the last record, None behind the last one of all, and how many keys were written.
    """
    table: Any = TABLES[object_type]
    numbers = select(table.id).where(table.id > after_id).order_by(table.id).limit(limit).subquery()
    last_id = session.scalar(select(func.max(numbers.c.id)))
    if last_id is None:
        return None, 0
    written = 0
    for letter, key, record_id, source in _keys(object_type):
        query = select(literal(run_id), literal(object_type), letter.concat(key), record_id)
        query = query.select_from(source).where(record_id > after_id, record_id <= last_id, key.is_not(None))
        written += _insert(session, query)
    return last_id, written


def _keys(object_type: ObjectType) -> list[tuple[Any, Any, Any, Any]]:
    """Letter, key, record's number and table of each kind of key."""
    table: Any = TABLES[object_type]
    found = [
        (literal(f"{letter}:"), _key(getattr(table, name)), table.id, table)
        for name, letter in LETTERS[object_type].items()
    ]
    if object_type == "contacts":
        initials = cast(Contact.company_id, String).concat(":").concat(Contact.initials_key)
        found.append((literal(f"{INITIALS}:"), initials, Contact.id, Contact))
        birthday = literal(f"{LETTERS['contacts']['birthday_key']}:")
        found += [(birthday, _with_initial(place), Contact.id, Contact) for place in (1, 2)]
        found.append((literal("e:"), ContactAddress.email_key, ContactAddress.contact_id, ContactAddress))
    return found


def _key(column: Any) -> Any:
    """A column as a key: of a date of birth the one that `keys_of` gives it as well."""
    if column.key != "birthday_key":
        return column
    year, month, day = func.substr(column, 1, 4), func.substr(column, 5, 2), func.substr(column, 7, 2)
    exchanged = year.concat(day).concat(month).concat(func.substr(column, 9))
    return case((and_(day >= "01", day <= "12", day < month), exchanged), else_=column)


def _with_initial(place: int) -> Any:
    """The date of birth with one of the initials, whichever letter its key has."""
    initial = func.substr(Contact.initials_key, place, 1)
    return func.substr(_key(Contact.__table__.c.birthday_key), 1, len("19800131/")).concat(initial)


def _insert(session: Session, query: Select[Any]) -> int:
    insert = sqlite.insert if dialect_of(session) == "sqlite" else postgresql.insert
    statement = insert(_TABLE).from_select(_COLUMNS, query).on_conflict_do_nothing()
    result = session.connection().execute(statement)
    return max(0, result.rowcount)


def add(session: Session, run_id: int, object_type: ObjectType, keys: Mapping[int, Iterable[str]]) -> None:
    """Write the keys of what is no record yet, such as the rows of a file, by number."""
    rows = [(run_id, object_type, key, number) for number, some in keys.items() for key in sorted(some)]
    insert_missing_rows(session, _TABLE, _COLUMNS, rows)


def next_stretch(session: Session, run_id: int, object_type: ObjectType, limit: int) -> Stretch | None:
    """The next keys, as far as whole blocks go; None when none is left.

    If a block is longer than the stretch, its beginning stands for all of it.
    """
    of_type = ScanKey.run_id == run_id, ScanKey.object_type == object_type
    query = select(ScanKey.key, ScanKey.record_id).where(*of_type)
    rows = session.execute(query.order_by(ScanKey.key, ScanKey.record_id).limit(limit)).all()
    if not rows:
        return None
    blocks: dict[str, list[int]] = {}
    for key, record_id in rows:
        blocks.setdefault(key, []).append(record_id)
    if len(rows) == limit and len(blocks) > 1:
        # The last one may go on behind the stretch.
        blocks.popitem()
    return Stretch(list(blocks.values()), list(blocks)[-1])


def drop(session: Session, run_id: int, object_type: ObjectType, up_to: str) -> int:
    """Drop the keys that were gone through; answers how many."""
    statement = delete(ScanKey).where(
        ScanKey.run_id == run_id, ScanKey.object_type == object_type, ScanKey.key <= up_to
    )
    return _deleted(session, statement)


def clear_some(session: Session, limit: int) -> bool:
    """Clear away what a scan that was cut off has left, so many keys at a time; whether there may be more."""
    run_id = session.scalar(select(func.min(ScanKey.run_id)))
    state = session.scalar(select(Run.state).where(Run.id == run_id)) if run_id is not None else None
    if run_id is None or state in OPEN_STATES:
        return False
    for object_type in ("companies", "contacts"):
        of_type = ScanKey.run_id == run_id, ScanKey.object_type == object_type
        keys = select(ScanKey.key).where(*of_type).order_by(ScanKey.key).limit(limit).subquery()
        last = session.scalar(select(func.max(keys.c.key)))
        if last is not None:
            _deleted(session, delete(ScanKey).where(*of_type, ScanKey.key <= last))
            return True
    return False


def _deleted(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
