"""Giving up what is encrypted with a key that is lost, so that the book can be used and connected again."""

import structlog
from msgspec import Struct

from webapp.errors import RefusedError, SettingsError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.people import audit
from webapp.store.privacy import erasures
from webapp.store.records import installation
from webapp.usecases.connection import connect
from webapp.usecases.connection.keys import TEXT, refuse_foreign_key
from webapp.usecases.runs.machinery import refuse_while_running

_log = structlog.get_logger()


class Unreadable(Struct, frozen=True):
    """The encrypted values that nobody can read without the lost key.

    Attributes:
        portal_id: the portal whose tokens are lost; None where none is connected.
        remains: the code of what is left to do at HubSpot, which cannot be told to end this access.
        erasures: the numbers of the erasures of persons that are not over, and end with their address alone.
    """

    portal_id: str | None
    remains: str | None
    erasures: tuple[int, ...]


def look(services: Services) -> Unreadable:
    """The values that would be forgotten.

    Raises:
        RefusedError: `nothing_unreadable`, the key here is that of the database.
    """
    try:
        refuse_foreign_key(services)
    except SettingsError:
        with services.database.reading() as session:
            row = connections.current(session)
            return _unreadable(row, erasures.unfinished(session))
    raise RefusedError("nothing_unreadable")


def _unreadable(row: Connection | None, unfinished: list[int]) -> Unreadable:
    if row is None:
        return Unreadable(None, None, tuple(unfinished))
    remains = "not_revoked" if row.kind == "oauth" else "token_lives_on"
    return Unreadable(row.portal_id, remains, tuple(unfinished))


def forget(services: Services) -> Unreadable:
    """End the connection whose tokens nobody can read; from then on the key here is that of the database.

    Records, links and the log stay. Cut off, it is finished when it is repeated.

    Raises:
        RefusedError: `nothing_unreadable`, or `workers_run`: who works has the key, it is not lost.
    """
    refuse_while_running(services)
    found = look(services)
    with services.database.reading() as session:
        row = connections.current(session)
    if row is not None:
        connect.disconnect(services, row.id)
    with services.database.writing() as session:
        installation.keep_key_proof(session, services.vault.seal(TEXT))
        audit.add(session, services.actor, "key_forgotten")
    _log.info("key_forgotten", erasures=len(found.erasures))
    return found
