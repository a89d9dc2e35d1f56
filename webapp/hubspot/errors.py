"""The errors of HubSpot, as a tree that says whether to try again.

TwinbookError
├── WaitLongerError
│   └── WaitLonger          a wait for HubSpot's sake outlasts the caller's patience
├── LimiterUnavailable      Redis, which shares out the call budget, does not answer (retryable)
└── HubSpotError            HubSpot refused, failed, or could not be reached
    ├── RetryableError      the same call may succeed later
    │   ├── RateLimited         too many calls in the ten-second window, or too many searches
    │   ├── DailyLimitReached   the account's quota of the day is used up
    │   ├── Locked              the record is being mass-written, for about two seconds
    │   ├── Migrating           the account is moving between data centres, up to a day
    │   ├── GatewayTrouble      HubSpot is overloaded or down
    │   ├── ConnectionTrouble   no connection, a time-out, or a cut
    │   └── MalformedAnswer     the answer is not what the call returns
    └── PermanentError      the same call cannot succeed until somebody changes something
        ├── InvalidToken        the token is dead: reconnect
        │   └── OtherPortal         it is renewed for another portal
        ├── AuthorizationRefused  the OAuth exchange was refused for another cause
        ├── AppRefused          the access is not renewed: HubSpot refuses the app
        ├── MissingScopes       the app lacks a scope or a permission
        ├── NotFound            no such object, or it is archived
        ├── ObjectUnreadable    an object is not as objects should be: an odd number, date or shape in it
        ├── Conflict            another object already holds that e-mail or unique value
        ├── ValidationFailed    values were refused, property by property
        ├── RequestRefused      any other refusal of the request
        ├── AccountRefused      a refusal that is not about the request: the account's state
        │   ├── AccountMoved        the account is reached elsewhere by now
        │   └── PlanExpired         the account's plan has ended
        └── TlsTrouble          the other end's certificate cannot be trusted
"""

# ruff: noqa: N818 - the names say what happened at HubSpot; "NotFoundError" would say no more

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple, TypedDict, Unpack

from webapp.errors import Problem, TwinbookError, WaitLongerError


class WaitLonger(WaitLongerError):
    """Waiting would outlast the caller's patience: end the slice and come back at `not_before`.

    Attributes:
        waiting_for: `daily_limit`, `rate_limit`, `search_limit`, `migration`, `lock` or
            `hubspot_unreachable`.
        not_before: When to come back (UTC).
        cause: The trouble that asks for the wait; None where the shared limiter alone does.
    """

    def __init__(self, waiting_for: str, not_before: datetime, cause: HubSpotError | None = None) -> None:
        super().__init__(waiting_for, not_before)
        self.cause = cause


class LimiterUnavailable(TwinbookError):
    """Redis does not answer, so no worker may know whether a call fits the budget."""

    retryable = True
    reason: ClassVar[str] = "redis_unavailable"
    waiting_for: ClassVar[str] = "redis"


class RefusedValue(NamedTuple):
    """One value that HubSpot refused."""

    property_name: str | None
    code: str | None
    message: str


class Details(TypedDict, total=False):
    """The envelope of an error answer; each part may be missing."""

    status: int | None
    category: str | None
    correlation_id: str | None
    property_name: str | None
    context: Mapping[str, Sequence[str]]
    problem: Problem | None


class HubSpotError(TwinbookError):
    """HubSpot refused, failed, or could not be reached.

    Attributes:
        reason: Stable name under which the failure is counted, logged and explained.
        waiting_for: What a run waits for after a retryable one.
        message: HubSpot's own text, or what the log says where it sent none.
        status: HTTP status; None when there was no answer or the error is one item of a batch.
        category: HubSpot's category, such as `VALIDATION_ERROR`.
        correlation_id: What HubSpot's support asks for.
        property_name: The first property that the error names.
        context: Lists of texts by name, such as `ids` or `objectWriteTraceId`.
        problem: What went wrong where HubSpot sent no text: on the way to it, or with its answer.
        may_have_taken_effect: Whether HubSpot may have carried the call out although it failed.
        is_unexplained: Whether a status alone refuses, without a word of HubSpot's: what stands before it may
            have answered.
        may_be_of_content: Whether that was so while HubSpot answered another call: a record that this one is
            about may be the cause.
    """

    reason: ClassVar[str] = "hubspot_error"
    waiting_for: ClassVar[str] = "hubspot_unreachable"
    may_be_of_one: ClassVar[bool] = False
    """Whether it passes, and may meet one object of a batch while the others are carried out."""

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message)
        self.message = message
        self.status = details.get("status")
        self.category = details.get("category")
        self.correlation_id = details.get("correlation_id")
        self.property_name = details.get("property_name")
        self.context: Mapping[str, Sequence[str]] = details.get("context") or {}
        self.problem = details.get("problem")
        self.may_have_taken_effect = False
        self.is_unexplained = False
        self.may_be_of_content = False

    @property
    def stored_text(self) -> str:
        """HubSpot's own text as a column keeps it; where it sent none, the problem."""
        return self.problem.stored() if self.problem else self.message


class RetryableError(HubSpotError):
    """The same call may succeed later."""

    retryable = True


class RateLimited(RetryableError):
    """Too many calls for the policy `burst` or `search`.

    `retry_after_s` is None where HubSpot names no wait.
    """

    reason = "rate_limited"
    waiting_for = "rate_limit"

    def __init__(
        self, message: str, *, policy: str, retry_after_s: float | None = None, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.policy = policy
        self.retry_after_s = retry_after_s


class DailyLimitReached(RetryableError):
    """The account's quota of the day is used up; it comes back at midnight in the account's time zone."""

    reason = waiting_for = "daily_limit"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s


class Locked(RetryableError):
    """The record is being mass-written, which HubSpot says lasts two seconds."""

    reason = "locked"
    waiting_for = "lock"
    may_be_of_one = True


class Migrating(RetryableError):
    """The account is moving between data centres: up to a day, as `retry_after_s` says."""

    reason = waiting_for = "migration"

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s


class GatewayTrouble(RetryableError):
    """HubSpot, or what stands before it, is overloaded or down."""

    reason = "hubspot_down"
    may_be_of_one = True


class ConnectionTrouble(RetryableError):
    """There was no connection, no answer in time, or the answer was cut off."""

    reason = "connection_trouble"

    def __init__(
        self, message: str, *, may_have_taken_effect: bool = False, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.may_have_taken_effect = may_have_taken_effect


class MalformedAnswer(RetryableError):
    """The status was a success, but the body is not what this call returns. A write may have taken effect."""

    reason = "malformed_answer"

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.may_have_taken_effect = True


class PermanentError(HubSpotError):
    """The same call cannot succeed until somebody changes something."""


class InvalidToken(PermanentError):
    """The access or refresh token is dead, or the account is gone: a person has to reconnect."""

    reason = "reconnect"


class OtherPortal(InvalidToken):
    """The access was renewed for another portal than the connection's: nothing is read or written there."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, problem=problem)


class AuthorizationRefused(PermanentError):
    """The OAuth exchange was refused; `code` is HubSpot's name for why, such as `BAD_AUTH_CODE`."""

    reason = "authorization_refused"

    def __init__(self, message: str, *, code: str, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.code = code


class AppRefused(PermanentError):
    """HubSpot does not renew the access, although the refresh token is not what it refuses."""

    reason = "app_refused"


class MissingScopes(PermanentError):
    """The app lacks a permission. Any one of `scopes` would do; empty where HubSpot names none."""

    reason = "missing_scopes"

    def __init__(self, message: str, *, scopes: Sequence[str] = (), **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.scopes = tuple(scopes)

    @property
    def is_of_app(self) -> bool:
        """Whether the app lacks a permission; else it is one to objects of the request."""
        is_of_the_way = self.is_unexplained and not self.may_be_of_content
        return bool(self.scopes) or self.category == "MISSING_SCOPES" or is_of_the_way


class NotFound(PermanentError):
    """No such object, or it is archived."""

    reason = "not_found"

    @property
    def is_of_object(self) -> bool:
        """Whether HubSpot says that it is the object that it has not; else it may be the address."""
        return self.category == "OBJECT_NOT_FOUND"


class ObjectUnreadable(PermanentError):
    """An object's answer is not as objects should be; it concerns this object alone, `object_id`."""

    reason = "unreadable_object"

    def __init__(self, message: str, *, object_id: str, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.object_id = object_id


class Conflict(PermanentError):
    """Another object already holds that e-mail or unique value: a match to verify, `existing_id`."""

    reason = "conflict"

    def __init__(self, message: str, *, existing_id: str | None = None, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.existing_id = existing_id


class ValidationFailed(PermanentError):
    """HubSpot refused values; `problems` has one entry a property and may be empty."""

    reason = "validation_failed"

    def __init__(
        self, message: str, *, problems: Sequence[RefusedValue] = (), **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.problems = tuple(problems)


class RequestRefused(PermanentError):
    """Any other refusal: a malformed request, a URL too long, a redirect."""

    reason = "request_refused"


class AccountRefused(PermanentError):
    """HubSpot refused for a cause that is not in the request, twice: nothing can be synced until it ends."""

    reason = "account_refused"


class AccountMoved(AccountRefused):
    """The account has moved: HubSpot does not serve it where it was called."""

    reason = "account_moved"


class PlanExpired(AccountRefused):
    """The account's plan has ended, or was not paid."""

    reason = "plan_expired"


class TlsTrouble(PermanentError):
    """The other end's certificate cannot be trusted, so nothing was sent."""

    reason = "tls_trouble"
