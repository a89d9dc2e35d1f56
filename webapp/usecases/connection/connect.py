"""Connecting a portal, testing the connection, and ending it. Nothing is stored that did not just work."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from webapp.errors import RefusedError, TwinbookError, VaultError
from webapp.hubspot import auth, scopes
from webapp.hubspot.auth import TokenGrant
from webapp.hubspot.errors import HubSpotError, InvalidToken, LimiterUnavailable
from webapp.services import Services
from webapp.store.connection import connections, troubles
from webapp.store.connection.connections import Connection, SealedTokens, TestedPortal
from webapp.store.people import audit
from webapp.store.runs import runs as run_rows
from webapp.usecases.connection import account_trouble, keys, live_calls, portal, tokens
from webapp.usecases.connection.refusals import as_refusal, missing
from webapp.usecases.runs import lifecycle

_LONGEST_TOKEN = 2000

_log = structlog.get_logger()


@dataclass(frozen=True)
class Disconnected:
    """How a disconnect went; `remains` is the code of what is left to do at HubSpot, if anything."""

    remains: str | None


def begin_oauth(services: Services, state: str) -> str:
    """The address of HubSpot's page on which a person grants access.

    Args:
        services: what it works with.
        state: one-time text that must come back, bound to the person's session.

    Raises:
        RefusedError: `no_oauth_app`.
    """
    settings = services.settings
    if not settings.has_oauth_app:
        raise RefusedError("no_oauth_app")
    return auth.authorize_url(
        settings.hubspot_app_url,
        client_id=settings.hubspot_client_id,
        redirect_uri=portal.oauth_app(services.settings).redirect_uri,
        scopes=scopes.NEEDED,
        optional_scopes=scopes.OPTIONAL,
        state=state,
    )


def finish_oauth(services: Services, code: str, *, user_id: int | None) -> Connection:
    """Exchange the code that came with the redirect, test the access and store it.

    Raises:
        RefusedError: what went wrong and what to do; nothing is stored, and the access is given back.
    """
    app, requested_at = portal.oauth_app(services.settings), datetime.now(UTC)
    try:
        grant = auth.exchange_code(app, code)
    except TwinbookError as error:
        raise as_refusal(services, error, is_oauth=True, redirect_uri=app.redirect_uri) from error
    try:
        found = live_calls.of_grant(services, grant)
        _refuse_gaps(found)
        return _stored(services, found, "oauth", tokens.sealed(grant, services.vault, requested_at), user_id)
    except TwinbookError as error:
        _give_back(services, grant)
        raise as_refusal(services, error, is_oauth=False) from error


def connect_with_token(services: Services, token: str, *, user_id: int | None) -> Connection:
    """Test a pasted access token and store it.

    Raises:
        RefusedError: what went wrong and what to do; nothing is stored.
    """
    token = token.strip()
    if not token:
        raise RefusedError("no_token")
    if len(token) > _LONGEST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token:
        raise RefusedError("not_a_token")
    try:
        found = live_calls.of_token(services, token)
    except TwinbookError as error:
        raise as_refusal(services, error, is_oauth=False) from error
    _refuse_gaps(found)
    return _stored(services, found, "token", SealedTokens(services.vault.seal(token)), user_id)


def test(services: Services, connection_id: int) -> None:
    """Try the connection with live calls, and mark it as what they show.

    Raises:
        RefusedError: it does not work, or could not be tried: why, and what to do.
    """
    with services.database.reading() as session:
        row = connections.get(session, connection_id)
    if row is None or row.state == connections.DISCONNECTED:
        raise RefusedError("not_connected")
    _ask_for_the_day(services, row)
    try:
        found = live_calls.of_connection(services, row)
    except InvalidToken as error:
        lost = tokens.mark_dead(services, connection_id, error)
        raise RefusedError(lost.code, **lost.params) from error
    except TwinbookError as error:
        if isinstance(error, HubSpotError) and account_trouble.is_of_account(error):
            account_trouble.record(services, connection_id, error)
        raise as_refusal(services, error, is_oauth=False) from error
    refusal = _reason_against(row, found)
    with services.database.writing() as session:
        if refusal is None:
            connections.mark_healthy(
                session,
                connection_id,
                now=datetime.now(UTC),
                portal=found.portal,
                scopes=list(found.scopes),
            )
            run_rows.end_waits_for_mending(session, connection_id, datetime.now(UTC))
        elif found.portal_id == row.portal_id:
            troubles.record(session, connection_id, refusal.problem, datetime.now(UTC))
        else:
            connections.mark_failing(session, connection_id, refusal.problem)
    if refusal is not None:
        raise refusal


def disconnect(services: Services, connection_id: int) -> Disconnected:
    """Stop all work, forget the tokens and end them at HubSpot; records and links stay.

    The tokens are forgotten before the call: what fails there must not leave a half-ended connection.
    """
    lifecycle.cancel_all(services, connection_id)
    with services.database.writing() as session:
        row = connections.get(session, connection_id)
        kind, refresh_token = (row.kind, row.refresh_token) if row else ("", None)
        was_live = connections.mark_disconnected(session, connection_id, now=datetime.now(UTC))
        if row is not None and was_live:
            audit.add(session, services.actor, "disconnected", portal_id=row.portal_id)
    # Runs that started between the two transactions.
    lifecycle.cancel_all(services, connection_id)
    if not was_live:
        return Disconnected(None)
    _log.info("disconnected", connection_id=connection_id)
    if kind != "oauth":
        return Disconnected("token_lives_on")
    return Disconnected(None if _is_revoked(services, refresh_token) else "not_revoked")


def _stored(
    services: Services, found: live_calls.Found, kind: str, sealed: SealedTokens, user_id: int | None
) -> Connection:
    if keys.is_foreign(services):
        # Nobody else could read what it has sealed.
        raise RefusedError("other_key")
    with services.database.writing() as session:
        connections.hold(session)
        now_connected = connections.current(session)
        if now_connected is not None and now_connected.portal_id != found.portal_id:
            raise RefusedError("other_portal", connected=now_connected.portal_id, found=found.portal_id)
        tested = TestedPortal(found.portal_id, kind, found.portal, list(found.scopes), sealed)
        row = connections.save(session, tested, user_id=user_id, now=datetime.now(UTC))
        keys.prove(session, services.vault)
        run_rows.end_waits_for_mending(session, row.id, datetime.now(UTC))
        audit.add(session, services.actor, "connected", portal_id=row.portal_id)
    _ask_for_the_day(services, row)
    _log.info("connected", connection_id=row.id, portal_id=row.portal_id, kind=kind)
    return row


def _ask_for_the_day(services: Services, row: Connection) -> None:
    """Have the next call ask HubSpot how many calls are left today; another access may have some."""
    with suppress(LimiterUnavailable):
        portal.limiter_of(services, row).forget_day()


def _refuse_gaps(found: live_calls.Found) -> None:
    if found.missing:
        raise missing(found.missing)


def _reason_against(row: Connection, found: live_calls.Found) -> RefusedError | None:
    if found.portal_id != row.portal_id:
        return RefusedError("other_portal", connected=row.portal_id, found=found.portal_id)
    return missing(found.missing) if found.missing else None


def _give_back(services: Services, grant: TokenGrant) -> None:
    try:
        auth.revoke(portal.oauth_app(services.settings), grant.refresh_token)
    except HubSpotError as error:
        _log.warning("revoke_failed", reason=error.reason)


def _is_revoked(services: Services, sealed_refresh_token: bytes | None) -> bool:
    try:
        auth.revoke(portal.oauth_app(services.settings), services.vault.open(sealed_refresh_token or b""))
    except (HubSpotError, VaultError) as error:
        _log.warning("revoke_failed", reason=getattr(error, "reason", "unreadable_token"))
        return False
    return True
