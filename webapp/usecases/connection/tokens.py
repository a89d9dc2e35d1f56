"""The tokens of a connection: read, renewed ahead of time by one worker at a time, and stored together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from redis.exceptions import RedisError

from webapp.errors import Problem, RefusedError, VaultError, WaitLongerError, problem
from webapp.hubspot import auth
from webapp.hubspot.auth import OAuthApp, TokenGrant
from webapp.hubspot.errors import (
    AppRefused,
    AuthorizationRefused,
    InvalidToken,
    OtherPortal,
    RequestRefused,
    ValidationFailed,
)
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import RECONNECT, UNREADABLE, Connection, SealedTokens
from webapp.usecases.connection import keys
from webapp.vault import Vault

_LOCK_LIFE_S = 60.0
"""Longer than a renewal may take; a killed worker's lock expires."""
PATIENCE_S = 4.0
"""How long a token is waited for that somebody else renews."""
_COME_BACK = timedelta(seconds=5)
_LONGEST_MARGIN_S = 120.0
_OF_THE_APP = (AuthorizationRefused, RequestRefused, ValidationFailed)

_log = structlog.get_logger()


class Held(NamedTuple):
    """The decrypted tokens of a connection, with their sealed forms, which change with each renewal."""

    access_token: str
    refresh_token: str | None
    expires_at: datetime | None
    sealed_access: bytes
    sealed_refresh: bytes | None

    def __repr__(self) -> str:
        return f"Held(expires_at={self.expires_at})"


class OAuthTokens:
    """A `TokenSource` over the connection's row, for one thread at a time.

    Renewing takes a lock in Redis. Without Redis several workers may renew at once: the row is then changed
    only by the one whose refresh token is still the stored one, and the others read what it stored.

    Args:
        services: where the row, the lock and the keys are.
        connection_id: whose tokens.
        app: the registered app that renews them.
        clock: the present time (UTC).
    """

    def __init__(
        self,
        services: Services,
        connection_id: int,
        app: OAuthApp,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._services = services
        self._connection_id = connection_id
        self._app = app
        self._clock = clock
        self._held: Held | None = None

    def access_token(self) -> str:
        """The token to use now, renewed ahead of its end."""
        if self._held is None or not self._is_fresh(self._held):
            self._held = read(self._services, self._connection_id)
            if not self._is_fresh(self._held):
                self._held = self._renewed(after=self._held.access_token)
        return self._held.access_token

    def refreshed(self, after: str) -> str:
        """A newer token than `after`, which HubSpot refused."""
        self._held = read(self._services, self._connection_id)
        if self._held.access_token == after:
            self._held = self._renewed(after=after)
        return self._held.access_token

    def _renewed(self, after: str) -> Held:
        """Renew unless somebody else has, which only reading again under the lock can show."""
        with renewal_lock(self._services, self._connection_id):
            held = read(self._services, self._connection_id)
            if held.access_token != after:
                return held
            return self._renew(held)

    def _renew(self, held: Held) -> Held:
        started = self._clock()
        try:
            grant = auth.refresh(self._app, held.refresh_token or "")
        except InvalidToken as error:
            now_held = read(self._services, self._connection_id)
            if now_held.access_token != held.access_token:
                return now_held
            mark_dead(self._services, self._connection_id, error, with_token=held.sealed_access)
            raise
        except _OF_THE_APP as error:
            # The token may be good still: nobody has to connect again once the app's settings are right.
            raise AppRefused(error.message, status=error.status, problem=error.problem) from error
        self._refuse_other_portal(grant, held)
        tokens = sealed(grant, self._services.vault, started)
        with self._services.database.writing() as session:
            is_stored = connections.renew_tokens(
                session, self._connection_id, tokens, instead_of=held.sealed_refresh or b"", now=started
            )
        _log.info("token_renewed", connection_id=self._connection_id, is_stored=is_stored)
        if not is_stored:
            return read(self._services, self._connection_id)
        return Held(grant.access_token, grant.refresh_token, tokens.expires_at, tokens.access, tokens.refresh)

    def _refuse_other_portal(self, grant: TokenGrant, held: Held) -> None:
        """Refuse an access that would write the records of one portal into another.

        Raises:
            OtherPortal: It is one; the connection is marked as failing.
        """
        with self._services.database.reading() as session:
            row = connections.get(session, self._connection_id)
        if row is None or grant.hub_id is None or str(grant.hub_id) == row.portal_id:
            return
        error = OtherPortal(problem("other_portal", connected=row.portal_id, found=str(grant.hub_id)))
        mark_dead(self._services, self._connection_id, error, with_token=held.sealed_access)
        raise error

    def _is_fresh(self, held: Held) -> bool:
        return held.expires_at is None or self._clock() < held.expires_at


@contextmanager
def renewal_lock(services: Services, connection_id: int) -> Iterator[None]:
    """Let nobody else replace the connection's tokens meanwhile, unless Redis does not answer.

    Raises:
        WaitLongerError: somebody else has been replacing them for long.
    """
    lock = services.redis.lock(f"twinbook:token:{connection_id}", timeout=_LOCK_LIFE_S)
    try:
        if not lock.acquire(blocking_timeout=PATIENCE_S):
            raise WaitLongerError("token_renewal", datetime.now(UTC) + _COME_BACK)
    except RedisError:
        _log.warning("token_lock_unavailable", connection_id=connection_id)
    try:
        yield
    finally:
        # Not held when Redis was gone, or gone when the renewal outlasted its life.
        with suppress(RedisError):
            lock.release()


def read(services: Services, connection_id: int) -> Held:
    """The tokens stored now.

    Raises:
        RefusedError: `not_connected`, or `unreadable_token` when they were sealed with a key that nobody has.
        WaitLongerError: this process has another key than the database.
    """
    with services.database.reading() as session:
        row = connections.get(session, connection_id)
    if row is None or row.access_token is None:
        raise RefusedError("not_connected")
    return _opened(services, row, row.access_token)


def sealed(grant: TokenGrant, vault: Vault, requested_at: datetime) -> SealedTokens:
    """Both tokens for the database; they count as ended a little early, so that none ends in mid-call."""
    margin_s = min(_LONGEST_MARGIN_S, grant.expires_in_s * 0.1)
    ends = requested_at + timedelta(seconds=grant.expires_in_s - margin_s)
    return SealedTokens(vault.seal(grant.access_token), vault.seal(grant.refresh_token), ends)


def mark_dead(
    services: Services, connection_id: int, error: InvalidToken, *, with_token: bytes | None = None
) -> Problem:
    """Switch the connection to `failing`, because its token is good for nothing any more; what is wrong."""
    found = error.problem if isinstance(error, OtherPortal) and error.problem else problem(RECONNECT)
    with services.database.writing() as session:
        is_news = connections.mark_failing(session, connection_id, found, with_token=with_token)
    if is_news:
        _log.warning("connection_failing", connection_id=connection_id, error=found.code)
    return found


def _opened(services: Services, row: Connection, sealed_access: bytes) -> Held:
    try:
        access = services.vault.open(sealed_access)
        refresh = services.vault.open(row.refresh_token) if row.refresh_token is not None else None
    except VaultError as error:
        if keys.is_foreign(services):
            # Others read it, and nothing is wrong with the connection.
            raise WaitLongerError("other_key", datetime.now(UTC) + _COME_BACK) from error
        with services.database.writing() as session:
            connections.mark_failing(session, row.id, problem(UNREADABLE))
        raise RefusedError(UNREADABLE) from error
    return Held(access, refresh, row.token_expires_at, sealed_access, row.refresh_token)
