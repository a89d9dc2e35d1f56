"""The identity of this installation: the prefix of its keys for records, and the proof of ENCRYPTION_KEY."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.own_keys import new_prefix
from webapp.models import Installation
from webapp.store.database.bulk import insert_missing_rows

_THE_ONE = 1


def key_prefix(session: Session) -> str:
    """The prefix, made now if there is none yet; of two processes the first one decides."""
    found = known_key_prefix(session)
    if found is None:
        table: Any = Installation.__table__
        insert_missing_rows(session, table, ("id", "mark"), [(_THE_ONE, new_prefix())])
        found = known_key_prefix(session)
    if found is None:
        raise RuntimeError("the key prefix of the installation was not stored")
    return found


def known_key_prefix(session: Session) -> str | None:
    """The prefix; None before the first key."""
    return session.scalar(select(Installation.key_prefix).where(Installation.id == _THE_ONE))


def key_proof(session: Session) -> bytes | None:
    """The proof that only the right ENCRYPTION_KEY can read; None before a process has stored one."""
    return session.scalar(select(Installation.key_proof).where(Installation.id == _THE_ONE))


def keep_key_proof(session: Session, sealed: bytes) -> None:
    """Keep the proof, in place of an earlier one."""
    key_prefix(session)
    session.execute(update(Installation).where(Installation.id == _THE_ONE).values(key_proof=sealed))
