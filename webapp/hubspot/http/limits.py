"""One call budget a portal, shared through Redis by all workers on all machines.

What HubSpot announces in its headers is kept in Redis, so that every worker knows it at once; the window is
an exact moving one, by Redis's own clock. Nothing here must survive: a wiped Redis only forgets what the
next answer announces again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import redis as redis_py

from webapp.domain.people.zones import zone_of
from webapp.domain.records.normal.whole_numbers import count_in, whole_number
from webapp.hubspot.errors import LimiterUnavailable, WaitLonger

Kind = Literal["burst", "search"]
Others = Literal["wait", "first", "neither"]
"""Whether other calls wait for this one, it lets them go first, or neither."""
Policy = Literal["burst", "search", "daily", "migration"]

_WAITING_FOR: dict[str, str] = {
    "burst": "rate_limit",
    "search": "search_limit",
    "daily": "daily_limit",
    "migration": "migration",
}
UNANNOUNCED: dict[str, tuple[int, int]] = {"burst": (100, 10_000), "search": (5, 1_000)}
"""Calls and milliseconds while no answer has announced anything; searches are never announced."""

_LARGEST_COUNT = 10**12
_LONGEST_INTERVAL_MS = 60_000
"""HubSpot counts calls over ten seconds; an announcement of hours or years would hold every call as long."""
_ANNOUNCED_LIFE_S = 86_400
_USE_LIFE_S = 40 * 86_400
_LONGEST_NAP_S = 0.5
"""A wait is slept in naps, so that room that another worker leaves is seen."""
_FOR_OTHERS = "others"
LOOK_AFTER = timedelta(minutes=15)
"""So often HubSpot is asked whether it takes calls again, where the day's are used up."""
_KEPT_FOR = timedelta(seconds=1)
"""So long the same announcement is not written again while most of the day's calls are left."""
_LONGEST_YIELD_S = 1.0
"""So long a call lets others go first at most: what never comes to an end may not stop it for ever."""

_SCRIPT = Path(__file__).with_name("limits.lua").read_text(encoding="utf-8")
_LENGTHEN = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
"""


class Usage(msgspec.Struct, frozen=True):
    """The state of a portal's budget; the daily figures are None if HubSpot announces none.

    `daily_reserve` are the day's calls that are left to the account's other apps.
    """

    day: date
    calls: int
    searches: int
    refused: dict[str, int]
    """429s of the day by policy."""
    burst_limit: int | None
    burst_interval_ms: int
    daily_limit: int | None
    daily_remaining: int | None
    daily_reserve: int
    paused: dict[str, float]
    """Seconds still to wait by what is waited for."""


class RateLimiter:
    """Shares out one portal's call budget among all processes.

    Args:
        redis: Connected client; text decoding on or off.
        portal_id: Whose budget; 0 while the account behind a token is not known yet.
        burst_limit: Calls in ten seconds for all workers together, as configured; None to trust the headers.
        daily_reserve: Share (0 to 1) of the daily quota left to the account's other apps.
        time_zone: The account's, in which its day ends.
        sleep: Waits so many seconds.
        clock: The present time (UTC), for the end of the day and `not_before`.
    """

    def __init__(
        self,
        redis: redis_py.Redis,
        portal_id: int,
        burst_limit: int | None = None,
        daily_reserve: float = 0.1,
        *,
        time_zone: str = "UTC",
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.portal_id = portal_id
        self._redis = redis
        self._prefix = f"hubspot:{{{portal_id}}}"
        self._burst_limit = burst_limit or 0
        self._daily_reserve = daily_reserve
        self._zone = zone_of(time_zone)
        self._sleep = sleep
        self._clock = clock
        self._announced: tuple[int | None, ...] = ()
        self._announced_until = datetime.min.replace(tzinfo=UTC)
        self._calls_per_s = UNANNOUNCED["burst"][0] * 1000 / UNANNOUNCED["burst"][1]
        self._take = redis.register_script(_SCRIPT)
        self._lengthen = redis.register_script(_LENGTHEN)

    def acquire(
        self, kind: Kind = "burst", *, urgent: bool = False, yields: bool = False, patience_s: float = 5.0
    ) -> float:
        """Takes one call out of the budget, waiting for it up to `patience_s`.

        Args:
            kind: `search` has a budget of its own.
            urgent: Whether the call may use the calls kept in reserve for the `now` queue.
            yields: Whether the call lets others go first that wait, as reading ahead does.
            patience_s: Longest wait in all.

        Returns:
            Seconds waited.

        Raises:
            WaitLonger: The budget has no room within the patience.
            LimiterUnavailable: Redis does not answer.
        """
        waited_s = yielded_s = 0.0
        while True:
            others = _others(yields=yields, yielded_s=yielded_s)
            wait_s, waiting_for, _ = self._ask(kind, urgent=urgent, others=others)
            if wait_s <= 0:
                return waited_s + yielded_s
            if waiting_for == _FOR_OTHERS:
                self._sleep(wait_s)
                yielded_s += wait_s
                continue
            if waited_s + wait_s > patience_s:
                raise WaitLonger(waiting_for, self._clock() + timedelta(seconds=wait_s))
            nap_s = min(wait_s, _LONGEST_NAP_S)
            self._sleep(nap_s)
            waited_s += nap_s

    def calls_per_s(self) -> float:
        """How many calls a second are allowed that are not urgent, as it was when a call was allowed last."""
        return self._calls_per_s

    def learn(self, headers: Mapping[str, str]) -> None:
        """Keeps what an answer announces, for all workers.

        Raises:
            LimiterUnavailable: Redis does not answer.
        """
        most = _count(headers.get("X-HubSpot-RateLimit-Max"))
        interval_ms = whole_number(
            headers.get("X-HubSpot-RateLimit-Interval-Milliseconds"), _LONGEST_INTERVAL_MS
        )
        per_day = _count(headers.get("X-HubSpot-RateLimit-Daily"))
        left = _count(headers.get("X-HubSpot-RateLimit-Daily-Remaining"))
        if not most and not per_day:
            # A search, whose answers announce nothing.
            return
        announced, now = (most, interval_ms, per_day), self._clock()
        if announced == self._announced and now < self._announced_until and _is_most_left(per_day, left):
            return
        with self._redis_errors(), self._redis.pipeline(transaction=False) as pipe:
            if most:
                key = self._key("announced")
                pipe.hset(key, mapping={"max": most, "interval_ms": interval_ms or UNANNOUNCED["burst"][1]})
                pipe.expire(key, _ANNOUNCED_LIFE_S)
            if per_day and left is not None:
                key = self._key("quota")
                pipe.hset(key, mapping={"limit": per_day, "remaining": left})
                pipe.pexpire(key, _ms(self.day_end() - now))
                for kind in UNANNOUNCED:
                    pipe.set(self._key(kind, "heard"), "1", px=LOOK_AFTER)
            elif not per_day:
                # The app has no quota: what is kept is that of the one that was connected before it.
                pipe.delete(self._key("quota"))
            pipe.execute()
        self._announced, self._announced_until = announced, now + _KEPT_FOR

    def penalise(self, policy: Policy, until: datetime) -> None:
        """Pauses every worker until `until`, after HubSpot refused a call; a longer pause stands.

        Raises:
            LimiterUnavailable: Redis does not answer.
        """
        pause_ms = _ms(until - self._clock())
        with self._redis_errors():
            self._lengthen(keys=[self._key("pause", policy)], args=[pause_ms])

    def forget_day(self) -> None:
        """Ask HubSpot again at once whether there are calls left today, as a new access may have some.

        Raises:
            LimiterUnavailable: Redis does not answer.
        """
        with self._redis_errors():
            self._redis.delete(self._key("quota"), self._key("pause", "daily"))

    def count_refusal(self, policy: str) -> None:
        """Counts a 429 in the day's use.

        Raises:
            LimiterUnavailable: Redis does not answer.
        """
        key = self._use_key(self.today())
        with self._redis_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(key, f"refused:{policy}", 1)
            pipe.expire(key, _USE_LIFE_S)
            pipe.execute()

    def usage(self, day: date | None = None) -> Usage:
        """The calls of one day of the account, today by default, and the limits announced now.

        Raises:
            LimiterUnavailable: Redis does not answer.
        """
        day = day or self.today()
        with self._redis_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(self._use_key(day))
            pipe.hgetall(self._key("announced"))
            pipe.hgetall(self._key("quota"))
            for policy in _WAITING_FOR:
                pipe.pttl(self._key("pause", policy))
            used, announced, quota, *pauses = pipe.execute()
        return self._usage(day, _numbers(used), _numbers(announced), _numbers(quota), pauses)

    def today(self) -> date:
        """The account's present day."""
        return self._clock().astimezone(self._zone).date()

    def day_end(self) -> datetime:
        """When the account's day, and with it the daily quota, ends (UTC)."""
        tomorrow = self.today() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self._zone)
        return midnight.astimezone(UTC)

    def day_start(self) -> datetime:
        """When the account's day began (UTC)."""
        today = self.today()
        return datetime(today.year, today.month, today.day, tzinfo=self._zone).astimezone(UTC)

    def _ask(self, kind: Kind, *, urgent: bool, others: Others = "wait") -> tuple[float, str, int]:
        """Asks the script once: seconds to wait, what for, and the time of the grant in microseconds."""
        calls, interval_ms = UNANNOUNCED[kind]
        pauses = (kind, "daily", "migration")
        keys = [self._key(kind), self._key("announced"), self._key("quota"), self._use_key(self.today())]
        keys += [self._key(kind, "waiting"), self._key(kind, "heard")]
        keys += [self._key("pause", policy) for policy in pauses]
        args: list[str | int | float] = [kind, int(urgent), self._burst_limit, calls, interval_ms]
        args += [self._daily_reserve, _USE_LIFE_S, others, _ms(LOOK_AFTER)]
        args += [_WAITING_FOR[policy] for policy in pauses]
        with self._redis_errors():
            wait_ms, waiting_for, granted_at_us, *allowed = self._take(keys=keys, args=args)
        if kind == "burst" and allowed:
            self._calls_per_s = int(allowed[0]) * 1000 / int(allowed[1])
        return int(wait_ms) / 1000, _decoded(waiting_for), int(granted_at_us or 0)

    def _usage(
        self,
        day: date,
        used: dict[str, int],
        announced: dict[str, int],
        quota: dict[str, int],
        pauses: list[int],
    ) -> Usage:
        """Names the numbers read from Redis."""
        waits = dict(zip(_WAITING_FOR.values(), pauses, strict=True))
        reserve = math.ceil(quota.get("limit", 0) * self._daily_reserve)
        if waits["daily_limit"] > 0 or (quota and quota["remaining"] <= reserve):
            # It is asked now and then until then.
            waits["daily_limit"] = _ms(self.day_end() - self._clock())
        return Usage(
            day=day,
            calls=used.get("burst", 0) + used.get("search", 0),
            searches=used.get("search", 0),
            refused={
                name.removeprefix("refused:"): n for name, n in used.items() if name.startswith("refused:")
            },
            burst_limit=announced.get("max") or self._burst_limit or None,
            burst_interval_ms=announced.get("interval_ms", UNANNOUNCED["burst"][1]),
            daily_limit=quota.get("limit"),
            daily_remaining=quota.get("remaining"),
            daily_reserve=reserve,
            paused={waiting_for: left_ms / 1000 for waiting_for, left_ms in waits.items() if left_ms > 0},
        )

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    def _use_key(self, day: date) -> str:
        return self._key("use", day.isoformat())

    @contextmanager
    def _redis_errors(self) -> Iterator[None]:
        try:
            yield
        except redis_py.RedisError as error:
            message = "The queue server (Redis), which shares out HubSpot's call budget, does not answer."
            raise LimiterUnavailable(message) from error


def _is_most_left(per_day: int | None, left: int | None) -> bool:
    """Whether the day's calls are so far from their end that those of other apps may be known later."""
    return per_day is None or left is None or 2 * left > per_day


def _others(*, yields: bool, yielded_s: float) -> Others:
    if not yields:
        return "wait"
    return "first" if yielded_s < _LONGEST_YIELD_S else "neither"


def _count(header: str | None) -> int | None:
    """A count from a header; None where it is missing or no count."""
    return whole_number(header, _LARGEST_COUNT)


def _ms(span: timedelta) -> int:
    return max(1, math.ceil(span.total_seconds() * 1000))


def _numbers(answer: dict[Any, Any]) -> dict[str, int]:
    return {_decoded(name): count_in(value) for name, value in answer.items()}


def _decoded(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
