"""What the Integrations pages say about states, scopes and refusals."""

from typing import NamedTuple

from webapp.hubspot import scopes
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.usecases.connection.tokens import RECONNECT_TEXT

NOT_CONNECTED = "HubSpot is not connected. An administrator can connect it on the Integrations page."
STATE_TOO_OLD = "HubSpot's answer came too late. Start connecting again, and answer within ten minutes."
NOT_ADMINISTRATOR = "Only an administrator can connect. Log in as one, then start connecting again."

_USES = {
    "oauth": "Identify the app",
    "crm.objects.contacts.read": "Pull contacts",
    "crm.objects.contacts.write": "Push contacts",
    "crm.objects.companies.read": "Pull companies",
    "crm.objects.companies.write": "Push companies",
    "crm.schemas.contacts.read": "Read how the portal defines contact properties",
    "crm.schemas.companies.read": "Read how the portal defines company properties",
    "crm.schemas.contacts.write": "Make the property that marks our contacts",
    "crm.schemas.companies.write": "Make the property that marks our companies",
    "crm.objects.owners.read": "Name the owners of records",
}


class ScopeRow(NamedTuple):
    """One scope as the page lists it: `state` is granted, missing or unknown."""

    scope: str
    use: str
    is_needed: bool
    state: str


class Trouble(NamedTuple):
    """Why a connection does not work, with HubSpot's own words if it gave any."""

    text: str
    said: str | None


def scope_rows(row: Connection) -> list[ScopeRow]:
    """Every scope that we use, with what the connection has of it."""
    missing = {*scopes.missing(row.scopes), *scopes.missing(row.scopes, optional=True)}
    if not row.portal.get("are_scopes_known", True):
        tried = {scope for scope in scopes.NEEDED if scope.endswith(".read")}
        states = {scope: "missing" if scope in tried else "unknown" for scope in missing}
    else:
        states = dict.fromkeys(missing, "missing")
    return [
        ScopeRow(scope, _USES[scope], scope in scopes.NEEDED, states.get(scope, "granted"))
        for scope in (*scopes.NEEDED, *scopes.OPTIONAL)
        # Only OAuth apps are granted the scope of that name.
        if scope != "oauth" or row.kind == "oauth"
    ]


def trouble(row: Connection) -> Trouble | None:
    """Why the connection fails and how to mend it; None while it works."""
    if row.state != connections.FAILING:
        return None
    if row.error == connections.RECONNECT:
        return Trouble(RECONNECT_TEXT, row.error_text if row.error_text != RECONNECT_TEXT else None)
    return Trouble(row.error_text or RECONNECT_TEXT, None)


def wrong_state(public_url: str) -> str:
    """What to say when an answer does not belong to this session."""
    return (
        "HubSpot's answer does not belong to a connection that was started in this browser, or it was used "
        f"before. Open {public_url}/integrations/hubspot, log in, and start connecting again."
    )


def refused(error: str) -> str:
    """What to say when HubSpot sends no code."""
    if error in ("", "access_denied"):
        return "Access was not granted on HubSpot's page. Start again and choose Grant to connect."
    return f"HubSpot refused ({error[:60]}). Check the app's scopes and redirect address, then start again."
