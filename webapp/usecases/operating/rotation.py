"""Encrypting what is stored anew, with another key."""

import structlog

from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import SealedTokens
from webapp.store.privacy import erasures
from webapp.store.records import installation
from webapp.usecases.connection import tokens
from webapp.usecases.connection.keys import TEXT

_log = structlog.get_logger()


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
    _reseal_erasures(services)
    with services.database.writing() as session:
        installation.keep_key_proof(session, services.vault.seal(TEXT))
    _log.info("keys_rotated", connections=len(rows))
    return len(rows)


def _reseal_erasures(services: Services) -> None:
    """Until an erasure is over, whom it is about is encrypted as well."""
    with services.database.writing() as session:
        for number in erasures.unfinished(session):
            row = erasures.get(session, number)
            if row is not None and row.sealed is not None:
                erasures.reseal(session, number, services.vault.renew(row.sealed))


def _reseal(services: Services, connection_id: int) -> None:
    with services.database.writing() as session:
        row = connections.get(session, connection_id)
        if row is None or row.access_token is None:
            return
        refresh = None if row.refresh_token is None else services.vault.renew(row.refresh_token)
        again = SealedTokens(services.vault.renew(row.access_token), refresh)
        connections.reseal(session, connection_id, again, instead_of=row.access_token)
