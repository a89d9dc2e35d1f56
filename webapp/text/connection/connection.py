"""Texts about a connection: why it cannot be made or does not work, its switches, its scopes, its end."""

from typing import Any, NamedTuple

from webapp.errors import Problem
from webapp.text.reasons import Reason
from webapp.text.sentence import filled, kept_text, stored_problem
from webapp.text.translated import Table, gettext, mark

_BUSY = "HubSpot accepts no more calls for the moment. Wait a little, then try again."
_TOMORROW = (
    "The account's HubSpot calls for today are used up. Try again after midnight in the account's time zone."
)
_MOVING = "HubSpot is moving this account between data centres. Try again later."
_REFUSED_BY_HUBSPOT = "HubSpot refused: {said}"
_BAD_APP = (
    "HubSpot does not accept this installation's client id and secret. Compare HUBSPOT_CLIENT_ID and "
    "HUBSPOT_CLIENT_SECRET with the app's Auth page at HubSpot, start the application again, then connect."
)

_REFUSALS: dict[str, str] = {
    # Before the first request to HubSpot.
    "no_oauth_app": (
        "Connecting by OAuth needs HUBSPOT_CLIENT_ID and HUBSPOT_CLIENT_SECRET in the settings. Set both, or "
        "paste an access token instead."
    ),
    "no_token": "Paste an access token.",
    "not_a_token": "This does not look like an access token. Copy it again: one word, without spaces.",
    # Errors that HubSpot's authorize page returns.
    "wrong_state": (
        "HubSpot's answer does not belong to a connection that was started in this browser, or it was used "
        "before. Open {public_url}/integrations/hubspot, log in, and start connecting again."
    ),
    "state_too_old": (
        "HubSpot's answer came too late. Start connecting again, and answer within ten minutes."
    ),
    "not_administrator": ("Only an administrator can connect. Log in as one, then start connecting again."),
    "access_not_granted": (
        "Access was not granted on HubSpot's page. Start again and choose Grant to connect."
    ),
    "refused_at_hubspot": (
        "HubSpot refused ({said}). Check the app's scopes and redirect address, then start again."
    ),
    "bad_auth_code": "HubSpot's answer was used before or came too late. Start connecting again.",
    "bad_client_id": _BAD_APP,
    "bad_client_secret": _BAD_APP,
    "bad_redirect_uri": (
        "The redirect address does not match. Register exactly {redirect_uri} with the app at HubSpot, "
        "and check PUBLIC_URL here."
    ),
    "other_account": (
        "HubSpot says that its answer belongs to another account, or that the account is "
        "gone. Start connecting again and choose the right account."
    ),
    # The access.
    "reconnect": (
        "HubSpot no longer accepts the stored access. It may have been revoked, rotated or uninstalled "
        "there. Connect again: everything already synced stays linked."
    ),
    "unreadable_token": (
        "The stored access was encrypted with another ENCRYPTION_KEY. Put the former key back, or connect "
        "again."
    ),
    "missing_scopes": (
        "The access lacks what a sync needs: {scopes}. Add it to the app at HubSpot, then connect again."
    ),
    "account_moved": (
        "The HubSpot account has moved, and HubSpot does not serve it where it was called: {said} Compare "
        "HUBSPOT_API_URL with the account's data centre, then test the connection, or connect again."
    ),
    "plan_expired": (
        "The HubSpot account's plan has ended: {said} Renew it in HubSpot, then test the connection."
    ),
    "account_refused": (
        "HubSpot does not serve this account at present: {said} Look at the account in HubSpot, then test "
        "the connection."
    ),
    "app_refused": (
        "HubSpot does not renew the access, since it refuses the app: {said} Compare HUBSPOT_CLIENT_ID and "
        "HUBSPOT_CLIENT_SECRET with the app at HubSpot, correct them, and restart Twinbook."
    ),
    "tls_trouble": "Nothing can be sent to HubSpot. {said}",
    "other_portal": (
        "The access now leads to portal {found}, not to {connected}. Check HUBSPOT_API_URL, or disconnect "
        "and connect the other portal."
    ),
    # The way to HubSpot.
    "bad_certificate": (
        "The certificate of {host} cannot be trusted. Check the address, the clock of this machine, and "
        "whether a proxy on the way needs its own certificate authority (REQUESTS_CA_BUNDLE)."
    ),
    "connection_trouble": (
        "{way} Check this machine's network and HUBSPOT_API_URL ({address}), then try again."
    ),
    "hubspot_down": "HubSpot is overloaded or down just now. Try again in a few minutes.",
    "malformed_answer": (
        "What answered at {address} is not HubSpot. Check HUBSPOT_API_URL and any proxy, then try again."
    ),
    "not_found": "There is no HubSpot API at {address}. Check HUBSPOT_API_URL and HUBSPOT_API_VERSION.",
    "redis_unavailable": (
        "The queue server (Redis), which shares out HubSpot's call budget, does not answer. Start it, then "
        "try again."
    ),
    "daily_limit": _TOMORROW,
    "migration": _MOVING,
    "rate_limit": _BUSY,
    "search_limit": _BUSY,
    "rate_limited": _BUSY,
    "lock": _BUSY,
    "locked": _BUSY,
    "token_renewal": _BUSY,
    "other_key": (
        "This program has another ENCRYPTION_KEY than the database. Restart it with the key of the machine "
        "that connected HubSpot: the file encryption_key of its instance folder."
    ),
    "hubspot_unreachable": _BUSY,
    # HubSpot's own text.
    "conflict": _REFUSED_BY_HUBSPOT,
    "unreadable_object": _REFUSED_BY_HUBSPOT,
    "validation_failed": _REFUSED_BY_HUBSPOT,
    "request_refused": _REFUSED_BY_HUBSPOT,
    "authorization_refused": _REFUSED_BY_HUBSPOT,
    "hubspot_error": _REFUSED_BY_HUBSPOT,
    # Where HubSpot sent no text.
    "answered_with_status": "HubSpot answered with status {status}.",
    "call_not_made": "The call to {host} could not be made ({kind}).",
}
REFUSALS = Table(_REFUSALS)
"""Why a connection cannot be made, or does not work."""

_WHILE_CONNECTING: dict[str, str] = {
    "reconnect": (
        "HubSpot does not accept this token. Copy it again, whole, from the app or service key at HubSpot; "
        "one that was rotated or deleted there never works again."
    ),
    "other_portal": (
        "Portal {connected} is connected, and this access is for portal {found}. Disconnect the first, then "
        "connect the other: it starts without any of the first one's links."
    ),
}
WHILE_CONNECTING = Table(_WHILE_CONNECTING)
"""What reads differently while somebody connects."""

_CONNECTING = REFUSALS | WHILE_CONNECTING

_WAYS: dict[str, str] = {
    "no_connection": "No connection to {host}.",
    "no_answer": "{host} did not answer in time.",
    "cut_off": "The connection to {host} was cut.",
}
WAYS = Table(_WAYS)
"""What went wrong on the way to HubSpot."""

_ENDINGS: dict[str, str] = {
    "token_lives_on": (
        "HubSpot gives applications no way to end an access token: delete or rotate it there if nothing "
        "else uses it."
    ),
    "not_revoked": (
        "HubSpot could not be told to end the access, though it is no longer stored here. Uninstall the app "
        "under Connected apps in HubSpot to end it there too."
    ),
}
ENDINGS = Table(_ENDINGS)
"""What remains to be done at HubSpot after a disconnect."""

_SWITCHES: dict[str, str] = {
    "paused": "Pause all automatic sync, both ways. What happens in the meantime is kept and "
    "processed later.",
    "push_companies": "Send edits of linked companies to HubSpot automatically",
    "push_contacts": "Send edits of linked contacts to HubSpot automatically",
    "create": "Create new companies and contacts in HubSpot automatically, as the rules allow",
}
SWITCHES = Table(_SWITCHES)
"""What the switches of automatic sync do."""

_USES: dict[str, str] = {
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
USES = Table(_USES)
"""What each scope is for."""

_TROUBLES: dict[str, str] = {
    "missing_scopes": "A permission is missing",
    "account_moved": "Account moved",
    "plan_expired": "Plan ended",
    "account_refused": "Account not served",
    "app_refused": "App refused",
    "tls_trouble": "Certificate not trusted",
}
TROUBLES = Table(_TROUBLES)
"""An account's trouble in as few words as a badge holds."""


class Stopped(NamedTuple):
    """The text that nothing is synced: a word for a badge, and a headline."""

    badge: str
    headline: str


_STOPPED: dict[str, Stopped] = {
    "paused": Stopped("Paused", "Automatic sync with HubSpot is paused"),
    "dead": Stopped("Not working", "Sync with HubSpot has stopped"),
}
STOPPED = Table(_STOPPED)
"""What every page says: while an account has trouble, and with a dead token."""

_RESUMES = mark(
    "Meanwhile nothing is lost: what changes is kept. Sync resumes as soon as HubSpot allows it again."
)
_RECONNECTS = mark(
    "Meanwhile nothing is lost: what changes is kept. Sync resumes once somebody connects again."
)

_NO_NAME_OF_SCOPE = mark("a scope that HubSpot does not name")
_REFUSED_EXCHANGE = mark("HubSpot refused: {said} ({code}).")


def refusal(problem: Problem, *, is_connecting: bool = False) -> str | None:
    """Why a connection cannot be made or does not work; None where the code is not about that.

    Args:
        problem: What is wrong.
        is_connecting: Whether somebody is connecting just now; some texts then differ.
    """
    texts = _CONNECTING if is_connecting else REFUSALS
    params = dict(problem.params)
    if "said" in params:
        params["said"] = answer_text(params["said"])
    text = texts.get(problem.code)
    if text is None:
        # HubSpot may refuse an exchange under names that are not documented.
        unknown = _REFUSED_EXCHANGE if "code" in params else _REFUSED_BY_HUBSPOT
        return filled(gettext(unknown), params) if "said" in params else None
    if "way" in params:
        params["way"] = filled(WAYS[params["way"]], params)
    if "scopes" in params:
        params["scopes"] = params["scopes"] or gettext(_NO_NAME_OF_SCOPE)
    return filled(text, params)


def resumption(stored: str) -> str:
    """How sync goes on after a problem that a connection keeps."""
    found = stored_problem(stored)
    return gettext(_RESUMES if found is not None and found.code in TROUBLES else _RECONNECTS)


def answer_text(answer: str | Problem | dict[str, Any]) -> str:
    """HubSpot's own text; where it sent none, that of the problem, which a column keeps as plain data.

    Args:
        answer: A text, or a problem as a value or as it was stored.
    """
    if isinstance(answer, str):
        return answer
    found = answer if isinstance(answer, Problem) else Problem(**answer)
    return refusal(found) or found.code


def stored_answer(text: str) -> str:
    """The text of an error that the log keeps: HubSpot's own, or that of a stored problem."""
    return kept_text(text, refusal)


def events_stopped() -> Reason:
    """The text that messages from HubSpot have stopped."""
    return Reason(
        gettext(
            "HubSpot's messages seem to have stopped: changes were found there that no message had announced."
        ),
        gettext(
            "Nothing is lost, it only takes longer. Check in HubSpot that the app is still "
            "subscribed, and that HubSpot can reach this address; the subscriptions to copy are "
            "on the page of the connection."
        ),
    )
