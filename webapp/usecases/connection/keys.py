"""Checks at the start of every program that it has the ENCRYPTION_KEY of the database."""

from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.errors import SettingsError, VaultError
from webapp.services import Services
from webapp.settings import KEY_OF_THE_DATABASE
from webapp.store.connection import present
from webapp.store.connection.present import UNREADABLE, Connection
from webapp.store.records import installation
from webapp.vault import Vault

TEXT = "twinbook"
"""What the proof says, once it is decrypted."""

_log = structlog.get_logger()


def refuse_foreign_key(services: Services) -> bool:
    """Let no process work that could not read the stored tokens.

    A database that has no proof yet gets one, unless it holds tokens that this key cannot read. One that does
    not answer, or has no tables yet, is no reason to refuse. A connection that another process's key has
    called unreadable is well again.

    Returns:
        Whether the database has answered, so that this is known.

    Raises:
        SettingsError: ENCRYPTION_KEY is another one.
    """
    with suppress(SQLAlchemyError):
        with services.database.reading() as session:
            proof = installation.key_proof(session)
            row = present.current(session)
        if not all(_can_read(services, sealed) for sealed in (proof, *_sealed(row)) if sealed is not None):
            raise SettingsError("ENCRYPTION_KEY", KEY_OF_THE_DATABASE)
        _keep(services, row, has_proof=proof is not None)
        return True
    return False


def is_foreign(services: Services) -> bool:
    """Whether the database proves that this process has another key than that of the others.

    It may have begun before the database answered, or before the others got a new key.
    """
    with services.database.reading() as session:
        proof = installation.key_proof(session)
    return proof is not None and not _can_read(services, proof)


def prove(session: Session, vault: Vault) -> None:
    """Keep what only this key reads, unless there is something already."""
    if installation.key_proof(session) is None:
        installation.keep_key_proof(session, vault.seal(TEXT))


def _keep(services: Services, row: Connection | None, *, has_proof: bool) -> None:
    """Store the proof of the key if there is none, and clear the error of an unreadable connection."""
    is_called_unreadable = row is not None and row.error == UNREADABLE
    if has_proof and not is_called_unreadable:
        return
    with services.database.writing() as session:
        prove(session, services.vault)
        if row is not None and present.mark_readable(session, row.id, UNREADABLE):
            _log.info("connection_readable_again", connection_id=row.id)


def _can_read(services: Services, sealed: bytes) -> bool:
    try:
        services.vault.open(sealed)
    except VaultError:
        return False
    return True


def _sealed(row: Connection | None) -> list[bytes | None]:
    return [] if row is None else [row.access_token, row.refresh_token]
