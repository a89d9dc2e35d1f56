"""Errors of connecting and testing, as refusals for the person."""

from typing import Any

from webapp.errors import RefusedError, TwinbookError
from webapp.hubspot.errors import AuthorizationRefused, HubSpotError, InvalidToken, MissingScopes, WaitLonger
from webapp.services import Services


def as_refusal(
    services: Services, error: TwinbookError, *, is_oauth: bool, redirect_uri: str = ""
) -> RefusedError:
    """The refusal for an error.

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
        return RefusedError(
            error.code.lower(),
            said=error.problem or error.message,
            code=error.code,
            redirect_uri=redirect_uri,
        )
    if isinstance(error, InvalidToken) and is_oauth:
        return RefusedError("other_account")
    if isinstance(error, MissingScopes):
        return missing(error.scopes)
    return _of_the_way(services, error)


def of_stored(services: Services, error: TwinbookError) -> RefusedError:
    """The refusal for an error that came while the stored access was used."""
    return as_refusal(services, error, is_oauth=False)


def missing(scopes: tuple[str, ...]) -> RefusedError:
    """The refusal for scopes that are not granted."""
    return RefusedError("missing_scopes", scopes=scopes)


def _of_the_way(services: Services, error: TwinbookError) -> RefusedError:
    """The refusal for an error of the access or the network, under its own name."""
    problem = error.problem if isinstance(error, HubSpotError) else None
    is_answered = isinstance(error, HubSpotError) and error.status is not None
    if problem is not None and not is_answered and not error.retryable:
        return RefusedError(problem.code, **problem.params)
    code = getattr(error, "reason", None) or getattr(error, "waiting_for", "hubspot_error")
    params: dict[str, Any] = {"address": services.settings.hubspot_api_url, "said": problem or str(error)}
    if problem is not None and not is_answered:
        params |= {"way": problem.code, **problem.params}
    return RefusedError(str(code), **params)
