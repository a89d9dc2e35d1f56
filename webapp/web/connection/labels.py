"""Labels of the Integrations pages: scopes, and why a connection does not work."""

from typing import NamedTuple

from webapp.hubspot import scopes
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.text.connection.connection import REFUSALS, USES
from webapp.text.refusals import stored_text


class ScopeRow(NamedTuple):
    """One scope as the page lists it: `state` is granted, missing or unknown."""

    scope: str
    use: str
    is_needed: bool
    state: str


class Trouble(NamedTuple):
    """Why a connection does not work, with HubSpot's own answer if it gave one."""

    text: str
    answer: str | None


def scope_rows(row: Connection) -> list[ScopeRow]:
    """Every scope that we use, with what the connection has of it."""
    missing = {*scopes.missing(row.scopes), *scopes.missing(row.scopes, optional=True)}
    if not row.portal.get("are_scopes_known", True):
        tried = {scope for scope in scopes.NEEDED if scope.endswith(".read")}
        states = {scope: "missing" if scope in tried else "unknown" for scope in missing}
    else:
        states = dict.fromkeys(missing, "missing")
    return [
        ScopeRow(scope, USES[scope], scope in scopes.NEEDED, states.get(scope, "granted"))
        for scope in (*scopes.NEEDED, *scopes.OPTIONAL)
        # Only OAuth apps are granted the scope of that name.
        if scope != "oauth" or row.kind == "oauth"
    ]


def trouble(row: Connection) -> Trouble | None:
    """Why the connection fails and how to mend it; None while it works."""
    if row.state != connections.FAILING:
        return None
    known = REFUSALS[connections.RECONNECT]
    text = stored_text(row.error_text) if row.error_text else known
    if row.error == connections.RECONNECT:
        return Trouble(known, text if text != known else None)
    return Trouble(text, None)
