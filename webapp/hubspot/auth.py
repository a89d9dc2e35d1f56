"""The OAuth exchanges that make, renew, describe and end tokens.

Secrets travel in request bodies alone, and no exchange logs anything but its name and its status.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import requests
import structlog

from webapp.hubspot.errors import HubSpotError
from webapp.hubspot.http.answers import from_exception, from_response
from webapp.hubspot.http.decoding import decoded
from webapp.hubspot.http.paths import Version, path
from webapp.hubspot.http.whole_answers import new_session

T = TypeVar("T")

_TIMEOUTS_S = (5.0, 30.0)

_log = structlog.get_logger(__name__)


class TokenGrant(msgspec.Struct, frozen=True):
    """The answer to a token exchange; `hub_id` and `scopes` are missing from older answers."""

    access_token: str
    refresh_token: str
    expires_in_s: int = msgspec.field(name="expires_in")
    hub_id: int | None = None
    scopes: list[str] | None = None

    def __repr__(self) -> str:
        return f"TokenGrant(hub_id={self.hub_id}, expires_in_s={self.expires_in_s})"


class TokenInfo(msgspec.Struct, frozen=True):
    """The portal and the scopes of a token."""

    is_active: bool
    portal_id: int | None
    user_id: int | None
    app_id: int | None
    scopes: tuple[str, ...]


class OAuthApp(msgspec.Struct, frozen=True):
    """The registered app on whose behalf tokens are exchanged."""

    base_url: str
    version: Version
    client_id: str
    client_secret: str
    redirect_uri: str

    def __repr__(self) -> str:
        return f"OAuthApp(client_id={self.client_id!r})"


class _Introspection(msgspec.Struct):
    active: bool = False
    hub_id: int | None = None
    user_id: int | None = None
    app_id: int | None = None
    scopes: list[str] = []


class _PrivateAppInfo(msgspec.Struct, rename="camel"):
    hub_id: int | None = None
    user_id: int | None = None
    app_id: int | None = None
    scopes: list[str] = []


_grants = msgspec.json.Decoder(TokenGrant)
_introspections = msgspec.json.Decoder(_Introspection)
_private_apps = msgspec.json.Decoder(_PrivateAppInfo)
_anything = msgspec.json.Decoder(Any)


def authorize_url(
    app_url: str,
    *,
    client_id: str,
    redirect_uri: str,
    scopes: Sequence[str],
    optional_scopes: Sequence[str] = (),
    state: str,
) -> str:
    """The page on which a HubSpot user grants the app its scopes.

    Args:
        app_url: Scheme and host of the HubSpot application.
        client_id: The app's.
        redirect_uri: Exactly as registered with the app.
        scopes: Those without which granting fails.
        optional_scopes: Those that HubSpot drops silently where the account lacks them.
        state: Comes back unchanged, against forged answers.
    """
    query = {"client_id": client_id, "redirect_uri": redirect_uri, "scope": " ".join(scopes)}
    if optional_scopes:
        query["optional_scope"] = " ".join(optional_scopes)
    query["state"] = state
    return f"{app_url.rstrip('/')}{path('v3', 'authorize')}?{urlencode(query, quote_via=quote)}"


def exchange_code(app: OAuthApp, code: str) -> TokenGrant:
    """Makes tokens from the code that came with the redirect; a code works once.

    Raises:
        AuthorizationRefused: The code, the app's secret or the redirect address is wrong.
        HubSpotError: HubSpot cannot be reached.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    return _post(app, "oauth_token", form, _grants)


def refresh(app: OAuthApp, refresh_token: str) -> TokenGrant:
    """Renews an access token. Store both tokens of the answer in one step.

    Raises:
        InvalidToken: The refresh token or the account is gone: reconnect.
        HubSpotError: HubSpot cannot be reached.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        return _post(app, "oauth_token", form, _grants)
    except HubSpotError as error:
        # Renewing twice does no harm, and the call that needs the token has not been made.
        error.may_have_taken_effect = False
        raise


def revoke(app: OAuthApp, refresh_token: str) -> None:
    """Ends a refresh token; access tokens made from it live on until they expire.

    Raises:
        HubSpotError: HubSpot refused or cannot be reached.
    """
    form = {"token": refresh_token, "refresh_token": refresh_token, "token_type_hint": "refresh_token"}
    _post(app, "oauth_revoke", form, _anything)


def introspect(app: OAuthApp, access_token: str) -> TokenInfo:
    """The portal and the scopes of an OAuth access token; a dead one is reported only as not active.

    Raises:
        HubSpotError: HubSpot refused or cannot be reached.
    """
    # The two descriptions of this call name the field differently, so both are sent.
    form = {"token": access_token, "access_token": access_token, "token_type_hint": "access_token"}
    found = _post(app, "oauth_introspect", form, _introspections)
    return TokenInfo(found.active, found.hub_id, found.user_id, found.app_id, tuple(found.scopes))


def private_app_info(base_url: str, token: str) -> TokenInfo:
    """The portal and the scopes of a private app's token.

    Raises:
        HubSpotError: It is no such token (a service key, for one), or HubSpot cannot be reached.
    """
    url = base_url.rstrip("/") + path("v3", "private_app_token")
    found = _exchange("private_app_token", url, {"json": {"tokenKey": token}}, _private_apps)
    return TokenInfo(True, found.hub_id, found.user_id, found.app_id, tuple(found.scopes))


def _post(app: OAuthApp, family: str, form: Mapping[str, str], decoder: msgspec.json.Decoder[T]) -> T:
    url = app.base_url.rstrip("/") + path(app.version, family)
    secret = {"client_id": app.client_id, "client_secret": app.client_secret}
    return _exchange(family, url, {"data": {**form, **secret}}, decoder)


def _exchange(name: str, url: str, body: Mapping[str, Any], decoder: msgspec.json.Decoder[T]) -> T:
    """One POST without a bearer token; redirects, which would carry the secret elsewhere, are refused."""
    host = url.split("/")[2]
    started = time.perf_counter()
    try:
        with new_session() as session:
            response = session.post(url, **body, auth=_no_auth, timeout=_TIMEOUTS_S, allow_redirects=False)
    except requests.RequestException as exception:
        error = from_exception(exception, host)
        _log.warning("hubspot_token_call", call=name, status=None, reason=error.reason)
        raise error from exception
    ms = round((time.perf_counter() - started) * 1000, 1)
    _log.info("hubspot_token_call", call=name, status=response.status_code, ms=ms)
    if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        raise from_response(response, is_exchange=True)
    return decoded(response.content or b"null", decoder, response)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps `requests` from adding what a `.netrc` says about the host."""
    return request
