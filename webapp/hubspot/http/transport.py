"""One call to HubSpot: its place in the budget, its time-outs, its retries, its log line.

Nothing is ever logged but method, path, status, duration and ids: no token, no query, no body.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from random import SystemRandom
from typing import Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
import requests
import structlog
from requests.auth import AuthBase

from webapp.hubspot.errors import (
    AccountRefused,
    DailyLimitReached,
    HubSpotError,
    LimiterUnavailable,
    Locked,
    Migrating,
    RateLimited,
    WaitLonger,
)
from webapp.hubspot.http.answers import from_exception, from_response
from webapp.hubspot.http.counting import CallCounter
from webapp.hubspot.http.dates import http_date
from webapp.hubspot.http.decoding import Decoder, decoded
from webapp.hubspot.http.limits import LOOK_AFTER, Kind, RateLimiter
from webapp.hubspot.http.patience import Patience
from webapp.hubspot.http.tokens import TokenSource
from webapp.hubspot.http.whole_answers import new_session

T = TypeVar("T")

TRIES: Final = 5
TIMEOUTS_S: Final = (5.0, 30.0)
"""To connect, and between two parts of an answer; all of it has its time as well."""

_LOCK_S = 2.0
_BURST_PAUSE_S = 10.0
_SEARCH_PAUSE_S = 1.0
_MIGRATION_PAUSE_S = 60.0
_NEW_DAY = timedelta(hours=1)
_NEW_DAY_PAUSE = timedelta(minutes=5)

_chance = SystemRandom().random
_log = structlog.get_logger(__name__)


class Call(msgspec.Struct, frozen=True):
    """A call to HubSpot.

    A `write` passes the fence first. A call that is not `repeatable`, such as a create, is not repeated once
    HubSpot may have carried it out.
    """

    method: str
    path: str
    query: Mapping[str, str | int] = {}
    body: Any = None
    kind: Kind = "burst"
    is_write: bool = False
    is_repeatable: bool = True

    @property
    def is_left_to_caller(self) -> bool:
        """Whether the caller makes it again if it is refused without a reason: in parts, or later."""
        return self.inputs > (0 if self.is_write else 1)

    @property
    def inputs(self) -> int:
        """How many objects it is about, if it is a batch."""
        return len(self.body.get("inputs", ())) if isinstance(self.body, dict) else 0

    def url(self, base_url: str) -> str:
        """The whole address; commas of lists stay readable and short."""
        tail = "?" + urlencode(self.query, safe=",") if self.query else ""
        return base_url + self.path + tail


class Transport:
    """Sends calls over one pool of kept connections; for one thread at a time.

    Args:
        base_url: Scheme and host of the API, without a slash at its end.
        tokens: Where the access token comes from.
        limiter: The portal's shared call budget.
        is_urgent: Whether calls may use the budget's reserve.
        yields: Whether calls let others go first that wait for the budget.
        patience_s: Longest time that one call may sleep in all, before or between its tries. The time its
            requests take counts as slept, so that a call that timed out is not tried again at once.
        before_write: The fence: called right before every write; what it raises stops the write.
        counter: Counts the calls; its own where none is given.
        sleep: Waits so many seconds.
        clock: The present time (UTC).
        jitter: A chance number from 0 to 1, so that workers do not come back all at once.
    """

    def __init__(
        self,
        base_url: str,
        tokens: TokenSource,
        limiter: RateLimiter,
        *,
        is_urgent: bool = False,
        yields: bool = False,
        patience_s: float = 5.0,
        before_write: Callable[[], None] | None = None,
        counter: CallCounter | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = _chance,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.counter = counter or CallCounter()
        self.before_write = before_write
        self._tokens = tokens
        self._limiter = limiter
        self._is_urgent = is_urgent
        self._yields = yields
        self._patience_s = patience_s
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._host = urlsplit(self.base_url).netloc
        self._latest_date: str | None = None
        self.request_s = 0.0
        self._session = new_session()
        self._session.headers.update({"User-Agent": "Twinbook", "Accept": "application/json"})
        _read_environment_once(self._session, self.base_url)

    def send(self, call: Call, decoder: Decoder[T]) -> T:
        """Makes a call, repeating it as its errors and its nature allow.

        Returns:
            The decoded body; an answer without a body decodes as null.

        Raises:
            WaitLonger: The next try is further away than the patience reaches.
            LimiterUnavailable: Redis does not answer.
            HubSpotError: The call failed for good, or five times.
        """
        patience = Patience(self._patience_s)
        for attempt in count(1):
            try:
                return self._attempt(call, decoder, patience)
            except HubSpotError as error:
                if not _is_repeated(error, call, attempt):
                    raise
                wait_s = self._wait_after(error, attempt)
                if attempt == TRIES:
                    raise
                if not patience.covers(wait_s):
                    if not error.retryable or error.is_unexplained:
                        raise
                    not_before = self._clock() + timedelta(seconds=wait_s)
                    raise WaitLonger(error.waiting_for, not_before, cause=error) from error
                self._sleep(wait_s)
        raise AssertionError  # pragma: no cover - the loop above has no end but its own

    def server_time(self) -> datetime:
        """HubSpot's own clock, to the second, by the latest answer; the local one before any (UTC)."""
        return http_date(self._latest_date) or self._clock()

    def calls_per_s(self) -> float:
        """How many calls a second the budget allows, as far as it is known."""
        return self._limiter.calls_per_s()

    def close(self) -> None:
        """Gives the kept connections back."""
        self._session.close()

    def _attempt(self, call: Call, decoder: Decoder[T], patience: Patience) -> T:
        """One try, with one fresh token where HubSpot refuses the present one."""
        token = self._tokens.access_token()
        response = self._exchange(call, token, patience)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            fresh = self._tokens.refreshed(after=token)
            if fresh != token:
                response = self._exchange(call, fresh, patience)
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise from_response(response)
        content = response.content if response.status_code != HTTPStatus.NO_CONTENT else b"null"
        return decoded(content, decoder, response)

    def _exchange(self, call: Call, token: str, patience: Patience) -> requests.Response:
        """One HTTP request and its answer, whatever its status; logged, counted and learned from."""
        waited_s = self._limiter.acquire(
            call.kind, urgent=self._is_urgent, yields=self._yields, patience_s=patience.left_s
        )
        patience.spend(waited_s)
        if call.is_write and self.before_write:
            self.before_write()
        self.counter.add_call()
        started = time.perf_counter()
        try:
            with patience.spent():
                response = self._request(call, token)
        except requests.RequestException as exception:
            error = from_exception(exception, self._host)
            self._log(call, started, status=None, reason=error.reason, error=type(exception).__name__)
            raise error from exception
        self.request_s = time.perf_counter() - started
        self._latest_date = response.headers.get("Date")
        correlation_id = response.headers.get("x-hubspot-correlation-id")
        self._log(call, started, status=response.status_code, correlation_id=correlation_id)
        self._learn(response)
        return response

    def _request(self, call: Call, token: str) -> requests.Response:
        """Hands the call to `requests`; only a GET follows redirects."""
        body = None if call.body is None else msgspec.json.encode(call.body)
        try:
            return self._session.request(
                call.method,
                call.url(self.base_url),
                data=body,
                headers=None if body is None else {"Content-Type": "application/json"},
                auth=_Bearer(token),
                timeout=TIMEOUTS_S,
                allow_redirects=call.method == "GET",
            )
        except ValueError as error:
            if isinstance(error, requests.RequestException):
                raise
            # `requests` reads where an answer leads to, even where it does not go there.
            raise requests.exceptions.InvalidURL("the answer leads to no address") from error

    def _learn(self, response: requests.Response) -> None:
        """Passes what the answer announces to the limiter; an answer is never lost because Redis is."""
        try:
            self._limiter.learn(response.headers)
        except LimiterUnavailable:
            _log.warning("hubspot_limits_not_learned", portal_id=self._limiter.portal_id)

    def _log(self, call: Call, started: float, *, status: int | None, **more: str | None) -> None:
        took_s = time.perf_counter() - started
        self.counter.add_answer(status, took_s)
        # A pull makes thousands of calls; only failed ones get a line in the log.
        write = _log.debug if status is not None and status < HTTPStatus.BAD_REQUEST else _log.info
        write(
            "hubspot_call",
            portal_id=self._limiter.portal_id,
            method=call.method,
            path=call.path,
            status=status,
            ms=round(took_s * 1000, 1),
            **more,
        )

    def _wait_after(self, error: HubSpotError, attempt: int) -> float:
        """Seconds to wait by ourselves; what concerns all workers is put on the limiter instead."""
        now = self._clock()
        if isinstance(error, RateLimited):
            pause_s = _BURST_PAUSE_S if error.policy == "burst" else _SEARCH_PAUSE_S
            self.counter.add_throttled()
            self._limiter.count_refusal(error.policy)
            self._limiter.penalise(
                "burst" if error.policy == "burst" else "search",
                now
                + timedelta(
                    seconds=pause_s * attempt if error.retry_after_s is None else error.retry_after_s
                ),
            )
            return 0.0
        if isinstance(error, DailyLimitReached):
            self.counter.add_throttled()
            self._limiter.count_refusal("daily")
            self._limiter.penalise("daily", self._end_of_quota(error, now))
            return 0.0
        if isinstance(error, Migrating):
            pause_s = _MIGRATION_PAUSE_S if error.retry_after_s is None else error.retry_after_s
            self._limiter.penalise("migration", now + timedelta(seconds=pause_s))
            return 0.0
        if isinstance(error, Locked):
            return _LOCK_S * (1 + self._jitter() / 4)
        return float(2 ** (attempt - 1)) * (1 + self._jitter() / 2)

    def _end_of_quota(self, error: DailyLimitReached, now: datetime) -> datetime:
        """When to ask again for the quota, which comes back at midnight at the latest.

        HubSpot's day may end at another time than the account's time zone says, and its quota may grow.
        """
        if error.retry_after_s is not None:
            return now + timedelta(seconds=error.retry_after_s)
        if now - self._limiter.day_start() < _NEW_DAY:
            return now + _NEW_DAY_PAUSE
        return min(now + LOOK_AFTER, self._limiter.day_end())


def _read_environment_once(session: requests.Session, base_url: str) -> None:
    """Take proxies and certificates from the environment; left to itself, a session does for every call."""
    found = session.merge_environment_settings(base_url, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.trust_env = False


def _is_repeated(error: HubSpotError, call: Call, attempt: int) -> bool:
    """Whether the error and the kind of call allow another try; a refusal of the account allows one.

    So does one without a reason, unless the caller does better.
    """
    if error.is_unexplained and call.is_left_to_caller:
        return False
    if isinstance(error, AccountRefused):
        return attempt == 1
    if error.is_unexplained and attempt > 1:
        return False
    return error.retryable and (call.is_repeatable or not error.may_have_taken_effect)


class _Bearer(AuthBase):
    """Sets the token last, so that no `.netrc` overrules it and no other host is sent it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
