"""What can go wrong while connecting or testing, in words that say what to do about it."""

from webapp.errors import RefusedError, TwinbookError, WaitLongerError
from webapp.hubspot.errors import (
    AuthorizationRefused,
    ConnectionTrouble,
    GatewayTrouble,
    HubSpotError,
    InvalidToken,
    MalformedAnswer,
    MissingScopes,
    NotFound,
    RetryableError,
    TlsTrouble,
    WaitLonger,
)
from webapp.services import Services

_BAD_APP = (
    "HubSpot does not accept this installation's client id and secret. Compare HUBSPOT_CLIENT_ID and "
    "HUBSPOT_CLIENT_SECRET with the app's Auth page at HubSpot, start the application again, then connect."
)
_CODES = {
    "BAD_AUTH_CODE": "HubSpot's answer was used before or came too late. Start connecting again.",
    "BAD_CLIENT_ID": _BAD_APP,
    "BAD_CLIENT_SECRET": _BAD_APP,
}
_OTHER_ACCOUNT = (
    "HubSpot says that its answer belongs to another account, or that the account is gone. Start connecting "
    "again and choose the account that you want here."
)
_BAD_ACCESS = (
    "HubSpot does not accept this token. Copy it again, whole, from the app or service key at HubSpot; one "
    "that was rotated or deleted there never works again."
)
_BUSY = "HubSpot takes no more calls for the moment. Wait a little, then try again."
_WAITS = {
    "daily_limit": "The account's HubSpot calls for today are used up. Try again tomorrow.",
    "migration": "HubSpot is moving this account between data centres. Try again later.",
}
# The first that fits, so the general ones stand last.
_ON_THE_WAY: tuple[tuple[type[TwinbookError], str], ...] = (
    (TlsTrouble, "{said}"),
    (
        ConnectionTrouble,
        "{said} Check this machine's network and HUBSPOT_API_URL ({address}), then try again.",
    ),
    (GatewayTrouble, "HubSpot is overloaded or down just now. Try again in a few minutes."),
    (
        MalformedAnswer,
        "What answered at {address} is not HubSpot. Check HUBSPOT_API_URL and any proxy, then try again.",
    ),
    (NotFound, "There is no HubSpot API at {address}. Check HUBSPOT_API_URL and HUBSPOT_API_VERSION."),
    (RetryableError, _BUSY),
    (HubSpotError, "HubSpot refused: {said}"),
)


def in_words(
    services: Services, error: TwinbookError, *, is_oauth: bool, redirect_uri: str = ""
) -> RefusedError:
    """The refusal to show for an error.

    Args:
        services: what it works with.
        error: what a call, the call budget or a token source raised.
        is_oauth: whether a code was exchanged, rather than a pasted or stored token used.
        redirect_uri: what must be registered with the app, for an exchange.
    """
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, WaitLonger) and error.cause is not None:
        error = error.cause
    if isinstance(error, AuthorizationRefused):
        return RefusedError(error.code.lower(), _of_exchange(error, redirect_uri))
    if isinstance(error, InvalidToken):
        return RefusedError("other_account", _OTHER_ACCOUNT) if is_oauth else _refused(error, _BAD_ACCESS)
    if isinstance(error, MissingScopes):
        return missing(error.scopes)
    return _refused(error, _of_the_way(services, error))


def missing(scopes: tuple[str, ...]) -> RefusedError:
    """The refusal for scopes that are not granted."""
    named = ", ".join(scopes) or "a scope that HubSpot does not name"
    return RefusedError(
        "missing_scopes",
        f"The access lacks what a sync needs: {named}. Add it to the app at HubSpot, then connect again.",
    )


def _of_exchange(error: AuthorizationRefused, redirect_uri: str) -> str:
    if error.code == "BAD_REDIRECT_URI":
        return (
            f"The redirect address does not match. Register exactly {redirect_uri} with the app at HubSpot, "
            "and check PUBLIC_URL here."
        )
    return _CODES.get(error.code) or f"HubSpot refused: {error.message} ({error.code})."


def _of_the_way(services: Services, error: TwinbookError) -> str:
    """What went wrong between us and HubSpot rather than with the access."""
    if isinstance(error, WaitLongerError):
        return _WAITS.get(error.waiting_for, _BUSY)
    address, said = services.settings.hubspot_api_url, str(error)
    for kind, words in _ON_THE_WAY:
        if isinstance(error, kind):
            return words.format(address=address, said=said)
    return f"{said} Start it, then try again."


def _refused(error: TwinbookError, text: str) -> RefusedError:
    reason = getattr(error, "reason", None) or getattr(error, "waiting_for", "refused")
    return RefusedError(str(reason), text)
