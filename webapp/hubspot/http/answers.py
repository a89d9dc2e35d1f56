"""Turns what came back, an error answer or an exception of `requests`, into the typed tree of `errors`."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from math import isfinite, nan
from typing import Any

import requests

from webapp.errors import Problem, problem
from webapp.hubspot.errors import (
    AccountMoved,
    AccountRefused,
    AuthorizationRefused,
    Conflict,
    ConnectionTrouble,
    DailyLimitReached,
    Details,
    GatewayTrouble,
    HubSpotError,
    InvalidToken,
    Locked,
    Migrating,
    MissingScopes,
    NotFound,
    PlanExpired,
    RateLimited,
    RefusedValue,
    RequestRefused,
    TlsTrouble,
    ValidationFailed,
)
from webapp.hubspot.http.dates import http_date
from webapp.hubspot.http.envelopes import (
    context_of,
    envelope_of,
    message_in,
    problems_of,
    scopes_of,
    text_in,
)

_LONGEST_WAIT_S = 86_400.0
_RECONNECT_CODES = {"BAD_REFRESH_TOKEN", "BAD_HUB"}
_SURELY_WITHOUT_EFFECT = {503, 521, 523, 525, 526}
"""Server errors by which the call never reached the part of HubSpot that would carry it out."""

_CUT = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_MIGRATING = 477
"""HubSpot's own status for an account that moves between data centres."""

_MOVED = {421, 488}
"""Of an account that has moved: the general status, and HubSpot's own."""
_ABOUT_THE_REQUEST = {400, 404, 409, 413, 414, 422}
"""Refusals that a record can cause; every other 4xx, and what leads elsewhere, is the account's."""

_TEXTS = ("message", "category", "status", "error", "error_description")
_EXPLAINED = {400, 404, 405, 406, 409, 410, 412, 417, 422, 428}
"""Refusals that HubSpot explains in its own words; without words, it was a proxy."""
_OF_NO_CONTENT = {401, 402, 407, 408, 421, 423, 425, 426, 429, 477, 488, 511}
"""Refusals that no record can cause: they are about the access, the account, or the moment."""

_EXISTING_ID = re.compile(r".*Existing ID: (\d+)", re.DOTALL)
_NAME_OF_VALUE = re.compile(r"propertyName=(\w+),")
_HAS_VALUE = re.compile(r"\. (\d+) already has that value")
_STATUS_OF_CATEGORY = {
    "CONFLICT": 409,
    "OBJECT_ALREADY_EXISTS": 409,
    "OBJECT_NOT_FOUND": 404,
    "MISSING_SCOPES": 403,
    "VALIDATION_ERROR": 400,
    "RATE_LIMITS": 429,
    "LOCKED": 423,
    "INTERNAL_ERROR": 500,
    "INTERNAL_SERVER_ERROR": 500,
    "SERVER_ERROR": 500,
    "BAD_GATEWAY": 502,
    "SERVICE_UNAVAILABLE": 503,
    "GATEWAY_TIMEOUT": 504,
    "TIMEOUT": 504,
}


def from_response(response: requests.Response, *, is_exchange: bool = False) -> HubSpotError:
    """The typed error for an answer that is not a success; every part of its body may be missing.

    Args:
        response: The answer.
        is_exchange: Whether tokens were asked for, whose errors have a shape of their own.
    """
    envelope = envelope_of(response)
    correlation_id = text_in(envelope.get("correlationId")) or response.headers.get(
        "x-hubspot-correlation-id"
    )
    is_hubspots = _is_of_hubspot(envelope, correlation_id, is_exchange=is_exchange)
    retry_after_s = _retry_after_s(response.headers.get("Retry-After"))
    if response.history:
        # What a redirect leads to is not what was asked: there, a 404 says nothing about the object.
        found = problem("answered_with_status", status=response.history[0].status_code)
        return GatewayTrouble(f"{found.code}: redirected", problem=found, correlation_id=correlation_id)
    if not is_exchange:
        # Of HubSpot's errors only those of tokens have a name there; those of other servers do.
        envelope = {name: value for name, value in envelope.items() if name != "error"}
    error = _build(response.status_code, envelope, correlation_id, retry_after_s, is_hubspots=is_hubspots)
    error.is_unexplained = (
        not is_hubspots
        and HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        and response.status_code not in _OF_NO_CONTENT
    )
    return error


def _is_of_hubspot(envelope: Mapping[str, Any], correlation_id: str | None, *, is_exchange: bool) -> bool:
    """Whether an error answer says something, and in the shape of HubSpot's; other servers send JSON too."""
    status = text_in(envelope.get("status")) or ""
    is_marked = (
        is_exchange
        or correlation_id is not None
        or text_in(envelope.get("category")) is not None
        or status == "error"
        or status.startswith("BAD_")
    )
    return is_marked and any(text_in(envelope.get(name)) for name in _TEXTS)


def from_item(item: Mapping[str, Any], correlation_id: str | None = None) -> HubSpotError:
    """The typed error for one entry of a 207's `errors`, which has a category instead of a status."""
    status = _STATUS_OF_CATEGORY.get(str(item.get("category")), 400)
    # Each entry of a list of HubSpot's is its own word, even where it says nothing else.
    error = _build(status, item, correlation_id, None, is_hubspots=True)
    error.status = None
    return error


def from_exception(exception: requests.RequestException, host: str) -> HubSpotError:
    """The typed error for a call that got no answer.

    Only a failure to connect proves that HubSpot did not act. The texts leave the exception's own out, since
    it repeats the address.
    """
    if _has_no_trust(exception):
        return TlsTrouble(f"untrusted certificate: {host}", problem=problem("bad_certificate", host=host))
    if _never_connected(exception):
        return _trouble(problem("no_connection", host=host))
    if isinstance(exception, requests.exceptions.Timeout):
        return _trouble(problem("no_answer", host=host), may_have_taken_effect=True)
    if isinstance(exception, _CUT):
        return _trouble(problem("cut_off", host=host), may_have_taken_effect=True)
    found = problem("call_not_made", host=host, kind=type(exception).__name__)
    return RequestRefused(f"{found.code}: {host}", problem=found)


def _trouble(found: Problem, *, may_have_taken_effect: bool = False) -> ConnectionTrouble:
    message = f"{found.code}: {found.params['host']}"
    return ConnectionTrouble(message, may_have_taken_effect=may_have_taken_effect, problem=found)


def _build(
    status: int,
    envelope: Mapping[str, Any],
    correlation_id: str | None,
    retry_after_s: float | None,
    *,
    is_hubspots: bool,
) -> HubSpotError:
    """Decides the class by the status, then by what the envelope says."""
    problems = problems_of(envelope)
    details = Details(
        status=status,
        category=text_in(envelope.get("category")),
        correlation_id=correlation_id,
        property_name=next((one.property_name for one in problems if one.property_name), None),
        context=context_of(envelope.get("context")),
    )
    message = message_in(envelope.get("message")) or message_in(envelope.get("error_description"))
    if message is None:
        details["problem"] = problem("answered_with_status", status=status)
        message = f"answered_with_status: {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limit_error(message, envelope, retry_after_s, details)
    if status == HTTPStatus.LOCKED:
        return Locked(message, **details)
    if status == _MIGRATING:
        return Migrating(message, retry_after_s=retry_after_s, **details)
    if _is_of_the_way(status, is_hubspots=is_hubspots):
        error = GatewayTrouble(message, **details)
        error.may_have_taken_effect = status not in _SURELY_WITHOUT_EFFECT
        return error
    return _refusal(status, message, envelope, problems, details)


def _is_of_the_way(status: int, *, is_hubspots: bool) -> bool:
    """Whether HubSpot or what stands before it fails, rather than refuses.

    A 404 proves that an object is gone; one that is not HubSpot's, such as a page of a proxy, proves nothing.
    No more does another refusal of values or objects. What is too long is refused by pages as well.
    """
    if status in _EXPLAINED:
        return not is_hubspots
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT


def _limit_error(
    message: str, envelope: Mapping[str, Any], retry_after_s: float | None, details: Details
) -> HubSpotError:
    """Distinguishes the three kinds of 429: by `policyName`, else by the text."""
    policy = (text_in(envelope.get("policyName")) or message).upper()
    if "DAILY" in policy:
        return DailyLimitReached(message, retry_after_s=retry_after_s, **details)
    is_search = "SECONDLY" in policy and "TEN_SECONDLY" not in policy
    return RateLimited(
        message, policy="search" if is_search else "burst", retry_after_s=retry_after_s, **details
    )


def _refusal(
    status: int, message: str, envelope: Mapping[str, Any], problems: list[RefusedValue], details: Details
) -> HubSpotError:
    """The permanent errors."""
    code = text_in(envelope.get("status")) or ""
    if status == HTTPStatus.UNAUTHORIZED or code in _RECONNECT_CODES:
        return InvalidToken(message, **details)
    is_of_exchange = status == HTTPStatus.BAD_REQUEST and text_in(envelope.get("error"))
    if code.startswith("BAD_") or is_of_exchange:
        return AuthorizationRefused(message, code=code or str(envelope["error"]), **details)
    if status == HTTPStatus.FORBIDDEN:
        return MissingScopes(message, scopes=scopes_of(envelope), **details)
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(message, **details)
    if status not in _ABOUT_THE_REQUEST:
        return _account_error(status)(message, **details)
    return _refused_values(status, message, problems, details)


def _account_error(status: int) -> type[AccountRefused]:
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return PlanExpired
    return AccountMoved if status in _MOVED else AccountRefused


def _refused_values(
    status: int, message: str, problems: list[RefusedValue], details: Details
) -> HubSpotError:
    """A value that another object holds is a conflict, whichever status says so."""
    if taken := _taken_value(message):
        details["property_name"], existing_id = taken
        return Conflict(message, existing_id=existing_id, **details)
    if status == HTTPStatus.CONFLICT:
        existing = _EXISTING_ID.match(message)
        return Conflict(message, existing_id=existing[1] if existing else None, **details)
    if problems or details.get("category") == "VALIDATION_ERROR":
        return ValidationFailed(message, problems=problems, **details)
    return RequestRefused(message, **details)


def _taken_value(message: str) -> tuple[str, str] | None:
    """The property whose value another object has, and that object's id; None where that is not what is said.

    One search behind the other: a message quotes values, which may repeat any part of it very often.
    """
    named = _NAME_OF_VALUE.search(message)
    others = _HAS_VALUE.findall(message, named.end()) if named else []
    return (named[1], others[-1]) if named and others else None


def _retry_after_s(value: str | None) -> float | None:
    """Seconds from a `Retry-After` header, which holds seconds or a date; None where it holds neither.

    A day at the most, which HubSpot's longest limit lasts: what is longer is looked at again after it.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return min(max(0.0, seconds), _LONGEST_WAIT_S) if isfinite(seconds) else None


def _seconds_until(date: str) -> float:
    until = http_date(date)
    return nan if until is None else (until - datetime.now(UTC)).total_seconds()


def _has_no_trust(exception: requests.RequestException) -> bool:
    """Whether TLS is refused for what stays so; a handshake that is cut off may work the next time."""
    if not isinstance(exception, requests.exceptions.SSLError):
        return False
    cause = exception.args[0] if exception.args else None
    reason = getattr(cause, "reason", cause)
    return not any(isinstance(one, ssl.SSLEOFError) for one in getattr(reason, "args", ()))


def _never_connected(exception: requests.RequestException) -> bool:
    """Whether the connection was refused or the name unknown, so that nothing was sent."""
    if isinstance(exception, requests.exceptions.ConnectTimeout):
        return True
    cause = exception.args[0] if exception.args else None
    reason = getattr(cause, "reason", cause)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError"}
