"""The e-mail addresses of people who were erased here, known again by their marks."""

from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.domain.privacy.person import mark_of
from webapp.models import ErasedAddress, Installation
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.records import installation

_INSTALLATIONS: Any = Installation.__table__
_ERASURE_KEY = select(_INSTALLATIONS.c.erasure_key)


def bearers(session: Session, addresses: Mapping[str, str | None]) -> frozenset[str]:
    """The objects whose address belongs to an erased person."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return frozenset()
    marks: dict[str, str] = {}
    for remote_id, address in addresses.items():
        if address:
            marks[remote_id] = mark_of(key, address)
    query = select(ErasedAddress.mark).where(among(session, ErasedAddress.mark, sorted({*marks.values()})))
    found = set(session.scalars(query))
    return frozenset(remote_id for remote_id, mark in marks.items() if mark in found)


def erasure_of(session: Session, address: str) -> int | None:
    """The latest erasure of whoever had this address."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return None
    query = select(ErasedAddress.erasure_id).where(ErasedAddress.mark == mark_of(key, address))
    return session.scalar(query)


def latest(session: Session, addresses: Iterable[str]) -> int | None:
    """The latest erasure of whoever had one of these addresses."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return None
    marks = sorted(mark_of(key, address) for address in addresses)
    query = select(func.max(ErasedAddress.erasure_id)).where(among(session, ErasedAddress.mark, marks))
    return session.scalar(query)


def wait_for_others(session: Session) -> None:
    """Let no other erasure begin until the commit."""
    _key(session)
    session.execute(select(Installation.id).with_for_update())


def add(session: Session, erasure_id: int, addresses: Iterable[str]) -> None:
    """Keep the marks of addresses; one that was erased before belongs to the later erasure from now on."""
    key = _key(session)
    marks = sorted(mark_of(key, address) for address in addresses)
    table: Any = ErasedAddress.__table__
    insert_missing_rows(session, table, ("mark", "erasure_id"), [(mark, erasure_id) for mark in marks])
    again = update(ErasedAddress).where(among(session, ErasedAddress.mark, marks))
    session.execute(again.values(erasure_id=erasure_id).execution_options(synchronize_session=False))


def _key(session: Session) -> str:
    """The installation's key, made with the first erasure; whoever is quicker decides."""
    installation.mark(session)
    missing = update(Installation).where(Installation.erasure_key.is_(None)).values(erasure_key=token_hex(32))
    session.execute(missing.execution_options(synchronize_session=False))
    return session.scalars(select(Installation.erasure_key)).one() or ""
