"""Everything that is kept about a person, as data that can be written as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from webapp.domain.privacy.person import Person
from webapp.models import AuditEntry, LoginSession, Mail, User
from webapp.store.privacy import files, places, sweeping

_SECRETS = frozenset({"password_hash", "token_hash"})


def collect(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """By place, the rows that are the person's or mention them, column by column."""
    found: dict[str, list[dict[str, Any]]] = {}
    for place in places.PLACES:
        rows = session.scalars(select(place.table).where(place.rows(person)))
        found.setdefault(place.name, []).extend(_row(row) for row in rows)
    found["files"] = [
        {"file": one.file_name, "uploaded_at": one.uploaded_at, "lines": lines}
        for one, lines in files.of_person(session, person)
    ]
    found["mentions"] = [_readable(row) for row in sweeping.every_mention(session, person)]
    found["account"] = list(_account(session, person))
    return {name: rows for name, rows in found.items() if rows}


def accounts(session: Session, person: Person) -> list[User]:
    """The accounts that have one of the person's addresses."""
    return list(session.scalars(select(User).where(User.email.in_(person.addresses)).order_by(User.id)))


def _account(session: Session, person: Person) -> Iterator[dict[str, Any]]:
    for account in accounts(session, person):
        yield _row(account)
        for table, column in (
            (LoginSession, LoginSession.user_id == account.id),
            (Mail, Mail.recipient == account.email),
            (AuditEntry, AuditEntry.user_id == account.id),
        ):
            yield from (_row(row) for row in session.scalars(select(table).where(column)))


def _row(row: Any) -> dict[str, Any]:
    mapper = inspect(type(row))
    values = {column.key: getattr(row, column.key) for column in mapper.column_attrs}
    return _readable({"table": mapper.local_table.name, **values})


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing, and without secrets."""
    return {
        str(name): str(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None and name not in _SECRETS and not isinstance(value, bytes)
    }
