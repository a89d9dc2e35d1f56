"""The live calls that show whether an access works: which account it leads to, and what it may do."""

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from webapp.hubspot import auth, scopes
from webapp.hubspot.auth import TokenGrant
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.definitions import AccountDetails
from webapp.hubspot.errors import HubSpotError, MissingScopes
from webapp.hubspot.http.tokens import StaticToken
from webapp.services import Services
from webapp.store.connection.connections import Connection
from webapp.usecases.connection import portal, tokens

_PATIENCE_S = 2.0
"""A failed call is tried only once more, since somebody waits for the page."""

_PROBES = {"contacts": "crm.objects.contacts.read", "companies": "crm.objects.companies.read"}


@dataclass(frozen=True)
class Found:
    """The results of the calls.

    Attributes:
        portal_id: whose account it is.
        portal: what else account information has, and whether the scopes are known (`are_scopes_known`).
        scopes: the granted ones; of a token that does not list them only those that were tried.
        missing: needed ones that are not granted.
    """

    portal_id: str
    portal: dict[str, Any]
    scopes: tuple[str, ...]
    missing: tuple[str, ...]


def of_token(services: Services, token: str) -> Found:
    """Try a pasted access token.

    Raises:
        TwinbookError: whatever a call raises.
    """
    with closing(_client(services, token)) as client:
        return _found(client, lambda: _static_scopes(services, token))


def of_grant(services: Services, grant: TokenGrant) -> Found:
    """Try the access that came from an OAuth exchange.

    Raises:
        TwinbookError: whatever a call raises.
    """
    announced = None if grant.scopes is None else tuple(grant.scopes)
    with closing(_client(services, grant.access_token)) as client:
        return _found(client, lambda: announced or _oauth_scopes(services, grant.access_token))


def of_connection(services: Services, row: Connection) -> Found:
    """Try the stored access, renewing it first where it is due.

    Raises:
        TwinbookError: whatever a call raises.
    """
    ask = _oauth_scopes if row.kind == "oauth" else _static_scopes
    with closing(portal.open_client(services, row.id, is_urgent=True, patience_s=_PATIENCE_S)) as client:
        return _found(client, lambda: ask(services, tokens.read(services, row.id).access_token))


def _found(client: HubSpotClient, ask_scopes: Callable[[], tuple[str, ...] | None]) -> Found:
    """Ask for the account first: that call works with any token and renews one that is due."""
    details = client.account_details()
    granted = ask_scopes()
    if granted is None:
        tried = _tried(client)
        return Found(str(details.portal_id), _described(details, are_scopes_known=False), *tried)
    return Found(
        str(details.portal_id),
        _described(details, are_scopes_known=True),
        granted,
        scopes.missing(granted),
    )


def _tried(client: HubSpotClient) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Granted and missing reading scopes, found out by reading; writing cannot be tried without doing it."""
    granted, missing = [], []
    for object_type, scope in _PROBES.items():
        try:
            client.list_page(object_type, ["hs_object_id"], limit=1, with_companies=False)
        except MissingScopes:
            missing.append(scope)
        else:
            granted.append(scope)
    return tuple(granted), tuple(missing)


def _static_scopes(services: Services, token: str) -> tuple[str, ...] | None:
    """The scopes of a private app's token; None for a service key, which HubSpot does not describe."""
    try:
        return auth.private_app_info(services.settings.hubspot_api_url, token).scopes
    except HubSpotError as error:
        if error.retryable:
            raise
        return None


def _oauth_scopes(services: Services, access_token: str) -> tuple[str, ...]:
    return auth.introspect(portal.oauth_app(services.settings), access_token).scopes


def _client(services: Services, token: str) -> HubSpotClient:
    # Until the account is known, each attempt has a budget of its own, under a number that no portal has.
    budget = portal.limiter(services, -secrets.randbits(48))
    return portal.client(services, StaticToken(token), budget, is_urgent=True, patience_s=_PATIENCE_S)


def _described(details: AccountDetails, *, are_scopes_known: bool) -> dict[str, Any]:
    return {
        "account_type": details.account_type,
        "time_zone": details.time_zone,
        "currency": details.company_currency,
        "ui_domain": details.ui_domain,
        "data_center": details.data_hosting_location,
        "are_scopes_known": are_scopes_known,
    }
