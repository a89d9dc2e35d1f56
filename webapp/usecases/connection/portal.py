"""A client for the portal of a connection, and the addresses of its pages."""

from collections.abc import Callable
from typing import cast
from urllib.parse import quote

from webapp.errors import RefusedError
from webapp.hubspot.auth import OAuthApp
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.counting import CallCounter
from webapp.hubspot.http.limits import RateLimiter
from webapp.hubspot.http.paths import Version
from webapp.hubspot.http.tokens import StaticToken, TokenSource
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.usecases.connection import tokens

PATIENCE_S = 5.0
"""How long one call may sleep in all, where nobody says otherwise."""

CALLBACK_PATH = "/integrations/hubspot/callback"

# HubSpot's number for each type in the addresses of its own pages.
_TYPE_IDS = {"contacts": "0-1", "companies": "0-2"}


def open_client(
    services: Services,
    connection_id: int,
    *,
    is_urgent: bool = False,
    yields: bool = False,
    before_write: Callable[[], None] | None = None,
    counter: CallCounter | None = None,
    patience_s: float = PATIENCE_S,
    is_stuck: bool = False,
) -> HubSpotClient:
    """A client with the connection's token and the portal's shared call budget; close it when done.

    Args:
        services: what it works with.
        connection_id: which connection.
        is_urgent: whether calls may use the budget's reserve.
        yields: whether calls let others go first.
        before_write: the fence, called right before every write.
        counter: what counts its calls; its own where none is given.
        patience_s: longest time that one call may sleep in all.
        is_stuck: whether waiting has not helped so far.

    Raises:
        RefusedError: `not_connected`, or `unreadable_token`.
    """
    with services.database.reading() as session:
        row = connections.get(session, connection_id)
    if row is None or row.access_token is None:
        raise RefusedError("not_connected")
    return client(
        services,
        token_source(services, row),
        limiter_of(services, row),
        is_urgent=is_urgent,
        yields=yields,
        before_write=before_write,
        counter=counter,
        patience_s=patience_s,
        is_stuck=is_stuck,
    )


def client(
    services: Services,
    source: TokenSource,
    budget: RateLimiter,
    *,
    patience_s: float,
    is_urgent: bool = False,
    yields: bool = False,
    before_write: Callable[[], None] | None = None,
    counter: CallCounter | None = None,
    is_stuck: bool = False,
) -> HubSpotClient:
    """A client as the settings say, for any token."""
    settings = services.settings
    return HubSpotClient(
        settings.hubspot_api_url,
        cast("Version", settings.hubspot_api_version),
        source,
        budget,
        is_urgent=is_urgent,
        yields=yields,
        patience_s=patience_s,
        before_write=before_write,
        counter=counter,
        is_stuck=is_stuck,
    )


def token_source(services: Services, row: Connection) -> TokenSource:
    """The source of the access token for calls of a connection.

    Raises:
        RefusedError: `not_connected`, or `unreadable_token`.
    """
    if row.kind == "oauth":
        return tokens.OAuthTokens(services, row.id, oauth_app(services.settings))
    return StaticToken(tokens.read(services, row.id).access_token)


def oauth_app(settings: Settings) -> OAuthApp:
    """The registered app of the settings."""
    return OAuthApp(
        base_url=settings.hubspot_api_url,
        version=cast("Version", settings.hubspot_api_version),
        client_id=settings.hubspot_client_id,
        client_secret=settings.hubspot_client_secret,
        redirect_uri=settings.public_url + CALLBACK_PATH,
    )


def limiter_of(services: Services, row: Connection) -> RateLimiter:
    """The call budget of a connection's portal, by the days of its time zone."""
    return limiter(services, int(row.portal_id), str(row.portal.get("time_zone") or "UTC"))


def limiter(services: Services, portal_id: int, time_zone: str = "UTC") -> RateLimiter:
    """The call budget that all workers share for a portal."""
    settings = services.settings
    return RateLimiter(
        services.redis,
        portal_id,
        settings.hubspot_rate_limit,
        settings.hubspot_daily_reserve,
        time_zone=time_zone,
    )


def app_url(settings: Settings, row: Connection) -> str:
    """The address of the portal for people: the host that it names itself, else that of the settings."""
    default, ui_domain = settings.hubspot_app_url, row.portal.get("ui_domain")
    return f"{default.partition('://')[0]}://{ui_domain}" if ui_domain else default


def portal_url(settings: Settings, row: Connection) -> str:
    """The portal's front page."""
    return f"{app_url(settings, row)}/contacts/{row.portal_id}"


def record_url(settings: Settings, row: Connection, object_type: str, remote_id: str) -> str:
    """The address of a company or contact in the portal."""
    return f"{portal_url(settings, row)}/record/{_TYPE_IDS[object_type]}/{quote(remote_id)}"
