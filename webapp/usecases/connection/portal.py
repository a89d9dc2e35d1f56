"""A client for the portal of a connection, and the addresses of its pages."""

from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from webapp.current import current_redis, current_settings, current_vault
from webapp.errors import RefusedError
from webapp.hubspot.auth import OAuthApp, StaticToken, TokenSource
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.limits import RateLimiter
from webapp.hubspot.http.paths import Version
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.database.transactions import reading
from webapp.usecases.connection import tokens

CALLBACK_PATH = "/integrations/hubspot/callback"

# HubSpot's number for each type in the addresses of its own pages.
_TYPE_IDS = {"contacts": "0-1", "companies": "0-2"}


def open_client(
    connection_id: int,
    *,
    is_urgent: bool = False,
    before_write: Callable[[], None] | None = None,
    patience_s: float = 5.0,
) -> HubSpotClient:
    """A client with the connection's token and the portal's shared call budget; close it when done.

    Args:
        connection_id: which connection.
        is_urgent: whether calls may use the budget's reserve.
        before_write: the fence, called right before every write.
        patience_s: longest time that one call may sleep in all.

    Raises:
        RefusedError: `not_connected`, or `unreadable_token`.
    """
    with reading() as session:
        row = connections.get(session, connection_id)
    if row is None or row.access_token is None:
        raise RefusedError("not_connected", "HubSpot is not connected.")
    return client(
        token_source(row),
        limiter_of(row),
        is_urgent=is_urgent,
        before_write=before_write,
        patience_s=patience_s,
    )


def client(
    source: TokenSource,
    budget: RateLimiter,
    *,
    patience_s: float,
    is_urgent: bool = False,
    before_write: Callable[[], None] | None = None,
) -> HubSpotClient:
    """A client as the settings say, for any token."""
    settings = current_settings()
    return HubSpotClient(
        settings.hubspot_api_url,
        cast("Version", settings.hubspot_api_version),
        source,
        budget,
        is_urgent=is_urgent,
        patience_s=patience_s,
        before_write=before_write,
    )


def token_source(row: Connection) -> TokenSource:
    """Where calls of a connection take their token from.

    Raises:
        RefusedError: `not_connected`, or `unreadable_token`.
    """
    vault = current_vault()
    if row.kind == "oauth":
        return tokens.OAuthTokens(row.id, oauth_app(), vault, current_redis())
    return StaticToken(tokens.read(row.id, vault).access_token)


def oauth_app() -> OAuthApp:
    """The registered app of the settings."""
    settings = current_settings()
    return OAuthApp(
        base_url=settings.hubspot_api_url,
        version=cast("Version", settings.hubspot_api_version),
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret,
        redirect_uri=settings.public_url + CALLBACK_PATH,
    )


def limiter_of(row: Connection) -> RateLimiter:
    """The call budget of a connection's portal, by the days of its time zone."""
    return limiter(int(row.portal_id), str(row.portal.get("time_zone") or "UTC"))


def limiter(portal_id: int, time_zone: str = "UTC") -> RateLimiter:
    """The call budget that all workers share for a portal."""
    settings = current_settings()
    return RateLimiter(
        current_redis(),
        portal_id,
        settings.hubspot_rate_limit,
        settings.hubspot_daily_reserve,
        time_zone=time_zone,
    )


def app_url(row: Connection) -> str:
    """Where people use the portal: on the host that the portal itself names, else where the settings say."""
    default, ui_domain = current_settings().hubspot_app_url, row.portal.get("ui_domain")
    return f"{default.partition('://')[0]}://{ui_domain}" if ui_domain else default


def portal_url(row: Connection) -> str:
    """The portal's front page."""
    return f"{app_url(row)}/contacts/{row.portal_id}"


def record_url(row: Connection, object_type: str, remote_id: str) -> str:
    """Where a person sees a company or contact in the portal."""
    return f"{portal_url(row)}/record/{_TYPE_IDS[object_type]}/{quote(remote_id)}"
