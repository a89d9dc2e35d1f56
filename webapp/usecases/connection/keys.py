"""Whether this process has the ENCRYPTION_KEY of the database, and encrypting anew with another one."""

from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp.errors import SettingsError, VaultError
from webapp.services import Services
from webapp.settings import KEY_OF_THE_DATABASE
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection, SealedTokens
from webapp.store.records import installation
from webapp.usecases.connection import tokens

_TEXT = "twinbook"

_log = structlog.get_logger()


def refuse_foreign_key(services: Services) -> None:
    """Let no process work that could not read the stored tokens and would call the connection broken.

    A database that has no proof yet gets one, unless it holds tokens that this key cannot read. One that does
    not answer, or has no tables yet, is no reason to refuse. A connection that another process's key has
    called unreadable is well again.

    Raises:
        SettingsError: ENCRYPTION_KEY is another one.
    """
    with suppress(SQLAlchemyError):
        with services.database.reading() as session:
            proof = installation.key_proof(session)
            row = connections.current(session)
        if not all(_can_read(services, sealed) for sealed in (proof, *_sealed(row)) if sealed is not None):
            raise SettingsError("ENCRYPTION_KEY", KEY_OF_THE_DATABASE)
        _keep(services, row, has_proof=proof is not None)


def rotate(services: Services) -> int:
    """Encrypt everything stored with the first of the keys, so that the others can go.

    Returns:
        How many connections had tokens.

    Raises:
        VaultError: something was encrypted with a key that is not among ours; what came before it is done.
        WaitLongerError: another process has been renewing a token for long.
    """
    with services.database.reading() as session:
        rows = connections.with_tokens(session)
    for row in rows:
        with tokens.renewal_lock(services, row.id):
            _reseal(services, row.id)
    with services.database.writing() as session:
        installation.keep_key_proof(session, services.vault.seal(_TEXT))
    _log.info("keys_rotated", connections=len(rows))
    return len(rows)


def _reseal(services: Services, connection_id: int) -> None:
    with services.database.writing() as session:
        row = connections.get(session, connection_id)
        if row is None or row.access_token is None:
            return
        refresh = None if row.refresh_token is None else services.vault.renew(row.refresh_token)
        again = SealedTokens(services.vault.renew(row.access_token), refresh)
        connections.reseal(session, connection_id, again, instead_of=row.access_token)


def _keep(services: Services, row: Connection | None, *, has_proof: bool) -> None:
    """Leave the proof where there is none, and let a connection work again that was called unreadable."""
    is_called_unreadable = row is not None and row.error == tokens.UNREADABLE
    if has_proof and not is_called_unreadable:
        return
    with services.database.writing() as session:
        if not has_proof:
            installation.keep_key_proof(session, services.vault.seal(_TEXT))
        if row is not None and connections.mark_readable(session, row.id, tokens.UNREADABLE):
            _log.info("connection_readable_again", connection_id=row.id)


def _can_read(services: Services, sealed: bytes) -> bool:
    try:
        services.vault.open(sealed)
    except VaultError:
        return False
    return True


def _sealed(row: Connection | None) -> list[bytes | None]:
    return [] if row is None else [row.access_token, row.refresh_token]
