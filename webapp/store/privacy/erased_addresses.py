"""The e-mail addresses of people who were erased here, known again by their digests."""

from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.domain.privacy.person import address_digest
from webapp.models import ErasedAddress, Installation
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.records import installation

_INSTALLATIONS: Any = Installation.__table__
_ERASURE_KEY = select(_INSTALLATIONS.c.erasure_key)


def bearers(session: Session, addresses: Iterable[tuple[str, str | None]]) -> frozenset[str]:
    """The objects whose address belongs to an erased person; where nobody was, no address is asked for."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return frozenset()
    digests = {remote_id: address_digest(key, address) for remote_id, address in addresses if address}
    query = select(ErasedAddress.digest).where(
        among(session, ErasedAddress.digest, sorted({*digests.values()}))
    )
    found = set(session.scalars(query))
    return frozenset(remote_id for remote_id, digest in digests.items() if digest in found)


def erasure_of(session: Session, address: str) -> int | None:
    """The latest erasure of the person with this address."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return None
    query = select(ErasedAddress.erasure_id).where(ErasedAddress.digest == address_digest(key, address))
    return session.scalar(query)


def latest(session: Session, addresses: Iterable[str]) -> int | None:
    """The latest erasure of whoever had one of these addresses."""
    key = session.scalar(_ERASURE_KEY)
    if key is None:
        return None
    digests = sorted(address_digest(key, address) for address in addresses)
    query = select(func.max(ErasedAddress.erasure_id)).where(among(session, ErasedAddress.digest, digests))
    return session.scalar(query)


def wait_for_others(session: Session) -> None:
    """Let no other erasure begin until the commit."""
    _key(session)
    session.execute(select(Installation.id).with_for_update())


def add(session: Session, erasure_id: int, addresses: Iterable[str]) -> None:
    """Keep the digests of addresses; one that was erased before belongs to the later erasure from now on."""
    key = _key(session)
    digests = sorted(address_digest(key, address) for address in addresses)
    table: Any = ErasedAddress.__table__
    insert_missing_rows(session, table, ("mark", "erasure_id"), [(digest, erasure_id) for digest in digests])
    again = update(ErasedAddress).where(among(session, ErasedAddress.digest, digests))
    session.execute(again.values(erasure_id=erasure_id).execution_options(synchronize_session=False))


def _key(session: Session) -> str:
    """The installation's key, made with the first erasure; of two processes the first one decides."""
    installation.key_prefix(session)
    missing = update(Installation).where(Installation.erasure_key.is_(None)).values(erasure_key=token_hex(32))
    session.execute(missing.execution_options(synchronize_session=False))
    return session.scalars(select(Installation.erasure_key)).one() or ""
