"""The identity of this installation: the mark in every key it gives, and the proof of its ENCRYPTION_KEY."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.own_keys import new_mark
from webapp.models import Installation
from webapp.store.database.bulk import insert_missing_rows

_THE_ONE = 1


def mark(session: Session) -> str:
    """The mark, made now where there is none yet; whoever is quicker decides."""
    found = known_mark(session)
    if found is None:
        table: Any = Installation.__table__
        insert_missing_rows(session, table, ("id", "mark"), [(_THE_ONE, new_mark())])
        found = known_mark(session)
    if found is None:
        raise RuntimeError("the mark of the installation was not kept")
    return found


def known_mark(session: Session) -> str | None:
    """The mark; None where no key was made yet."""
    return session.scalar(select(Installation.mark).where(Installation.id == _THE_ONE))


def key_proof(session: Session) -> bytes | None:
    """The proof that only the right ENCRYPTION_KEY can read; None before a process has stored one."""
    return session.scalar(select(Installation.key_proof).where(Installation.id == _THE_ONE))


def keep_key_proof(session: Session, sealed: bytes) -> None:
    """Keep the proof, in place of an earlier one."""
    mark(session)
    session.execute(update(Installation).where(Installation.id == _THE_ONE).values(key_proof=sealed))
