from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.clocks.passing_time import Time
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.redis_server import redis_server
from webapp.hubspot.errors import LimiterUnavailable, WaitLonger
from webapp.hubspot.http import limits
from webapp.hubspot.http.limits import LOOK_AFTER, RateLimiter

_LONG_MS = 60_000


@pytest.fixture(autouse=True)
def _long_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted does not become free again meanwhile, however busy the machine is."""
    monkeypatch.setattr(limits, "UNANNOUNCED", {"burst": (100, _LONG_MS), "search": (5, _LONG_MS)})


@pytest.fixture
def windows_as_in_life(_long_windows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNANNOUNCED", {"burst": (100, 10_000), "search": (5, 1_000)})


def announced(most: int = 110, interval_ms: int = _LONG_MS, **daily: int) -> Mapping[str, str]:
    headers = {
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(interval_ms),
    }
    if daily:
        headers["X-HubSpot-RateLimit-Daily"] = str(daily["limit"])
        headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(daily["remaining"])
    return headers


def taken_at_once(limiter: RateLimiter, kind: str = "burst", *, urgent: bool = False) -> int:
    """How many calls fit before any would have to wait."""
    taken = 0
    while True:
        try:
            limiter.acquire(kind, urgent=urgent, patience_s=0)  # type: ignore[arg-type]
        except WaitLonger:
            return taken
        taken += 1


WORKER = """
import sys, json, redis
from webapp.hubspot.http.limits import RateLimiter
limiter = RateLimiter(redis.Redis.from_url(sys.argv[1]), 7)
stamps = []
while len(stamps) < 60:
    wait_s, _, stamp = limiter._ask("burst", urgent=sys.argv[2] == "urgent")
    if stamp:
        stamps.append(stamp)
    else:
        limiter._sleep(min(wait_s, 0.01))
print(json.dumps(stamps))
"""


def test_four_processes_together_never_exceed_the_window(store: redis.Redis, redis_url: str) -> None:
    RateLimiter(store, 7).learn(announced(most=42, interval_ms=300))
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, redis_url, urgency],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for urgency in ("urgent", "urgent", "bulk", "bulk")
    ]
    stamps = sorted(
        stamp
        for worker in workers
        for stamp in json.loads(worker.communicate(timeout=PATIENCE_S)[0] or b"[]")
    )
    assert len(stamps) == 240
    # 95 % of 42 is 39: of any forty calls in a row, the last is a whole window after the first.
    assert all(later - earlier >= 300_000 for earlier, later in zip(stamps, stamps[39:], strict=False))


def test_the_window_is_used_up_to_95_percent_of_what_is_announced(limiter: RateLimiter) -> None:
    limiter.learn(announced(most=200))
    assert taken_at_once(limiter, urgent=True) == 190


def test_bulk_calls_leave_a_reserve_for_urgent_ones(limiter: RateLimiter) -> None:
    limiter.learn(announced(most=200))
    assert taken_at_once(limiter) == 181
    assert taken_at_once(limiter, urgent=True) == 9


def test_a_small_limit_still_keeps_two_calls_for_urgent_ones(limiter: RateLimiter) -> None:
    limiter.learn(announced(most=10))
    assert taken_at_once(limiter) == 7
    assert taken_at_once(limiter, urgent=True) == 2


def test_an_unannounced_limit_is_taken_for_a_hundred(limiter: RateLimiter) -> None:
    assert taken_at_once(limiter, urgent=True) == 95


def test_what_one_worker_learns_all_know(limiter: RateLimiter, store: redis.Redis, time: Time) -> None:
    limiter.learn(announced(most=20))
    other = RateLimiter(store, 111222, sleep=time.sleep, clock=time.clock)
    assert taken_at_once(other, urgent=True) == 19


def test_a_configured_limit_lowers_the_announced_one_and_never_raises_it(store: redis.Redis) -> None:
    low = RateLimiter(store, 1, burst_limit=50)
    assert taken_at_once(low, urgent=True) == 50
    low_too = RateLimiter(store, 2, burst_limit=50)
    low_too.learn(announced(most=110))
    assert taken_at_once(low_too, urgent=True) == 50
    high = RateLimiter(store, 3, burst_limit=500)
    high.learn(announced(most=110))
    assert taken_at_once(high, urgent=True) == 104


def test_portals_do_not_share_a_budget(limiter: RateLimiter, store: redis.Redis) -> None:
    taken_at_once(limiter, urgent=True)
    RateLimiter(store, 333444).acquire(patience_s=0)


def test_searches_have_a_budget_of_their_own(limiter: RateLimiter) -> None:
    assert taken_at_once(limiter, "search") == 4
    assert taken_at_once(limiter, "search", urgent=True) == 1
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire("search", patience_s=0)
    assert caught.value.waiting_for == "search_limit"
    limiter.acquire("burst", patience_s=0)


@pytest.mark.usefixtures("windows_as_in_life")
def test_five_searches_take_a_little_longer_than_the_second_that_hubspot_counts(
    limiter: RateLimiter, time: Time
) -> None:
    began_s = monotonic()
    for _ in range(5):
        limiter.acquire("search", urgent=True, patience_s=0)
    limiter.acquire("search", urgent=True)
    # Redis forgets up to a millisecond early.
    assert time.slept_s >= 1.05 - (monotonic() - began_s)


@pytest.mark.usefixtures("windows_as_in_life")
def test_a_full_window_is_waited_for(limiter: RateLimiter, time: Time) -> None:
    began_s = monotonic()
    taken_at_once(limiter)
    assert limiter.acquire(patience_s=20) == pytest.approx(time.slept_s)
    assert 9.9 - (monotonic() - began_s) <= time.slept_s <= 11
    assert max(time.naps_s) <= 0.5


@pytest.mark.usefixtures("windows_as_in_life")
def test_a_wait_beyond_the_patience_is_not_begun(limiter: RateLimiter, time: Time) -> None:
    began_s = monotonic()
    taken_at_once(limiter)
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire(patience_s=5)
    assert caught.value.waiting_for == "rate_limit"
    wait_s = (caught.value.not_before - time.now).total_seconds()
    assert 9.9 - (monotonic() - began_s) <= wait_s <= 10
    assert time.slept_s == 0


def test_the_daily_reserve_is_left_to_other_apps(limiter: RateLimiter, time: Time) -> None:
    limiter.learn(announced(limit=1000, remaining=103))
    assert taken_at_once(limiter, urgent=True) == 3
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire()
    assert caught.value.waiting_for == "daily_limit"
    assert timedelta(minutes=14) < caught.value.not_before - time.now <= LOOK_AFTER
    assert time.slept_s == 0
    usage = limiter.usage()
    assert (usage.daily_reserve, usage.paused) == (100, {"daily_limit": 12 * 3600})


def test_the_daily_limit_ends_with_the_account_s_day(limiter: RateLimiter, time: Time) -> None:
    limiter.learn(announced(limit=1000, remaining=50))
    assert taken_at_once(limiter) == 0
    time.sleep(12 * 3600 + 1)
    limiter.acquire(patience_s=0)


def test_every_quarter_of_an_hour_a_call_asks_whether_there_are_calls_again(
    limiter: RateLimiter, time: Time
) -> None:
    """One odd announcement, or HubSpot's midnight at another time than ours, does not cost a day."""
    limiter.learn(announced(limit=1000, remaining=0))
    assert taken_at_once(limiter) == 0
    for _ in range(2):
        time.sleep(LOOK_AFTER.total_seconds() + 1)
        assert taken_at_once(limiter, "search") == taken_at_once(limiter) == 1
        limiter.learn(announced(limit=1000, remaining=0))
        assert taken_at_once(limiter) == 0
    time.sleep(LOOK_AFTER.total_seconds() + 1)
    limiter.acquire(patience_s=0)
    limiter.learn(announced(limit=1000, remaining=1000))
    assert taken_at_once(limiter, urgent=True) > 1


def test_the_day_s_last_call_before_midnight_costs_no_whole_day_after_it(
    limiter: RateLimiter, time: Time
) -> None:
    time.now = datetime(2026, 11, 24, 0, 0, 1, tzinfo=UTC)
    limiter.learn(announced(limit=1000, remaining=0))
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire()
    assert caught.value.not_before - time.now <= LOOK_AFTER


def test_an_app_without_a_quota_is_not_held_by_that_of_the_app_before(
    limiter: RateLimiter, time: Time
) -> None:
    """OAuth apps have none: what a private app of the same portal has used up is nothing to them."""
    limiter.learn(announced(limit=1000, remaining=0))
    time.sleep(LOOK_AFTER.total_seconds() + 1)
    limiter.acquire(patience_s=0)
    limiter.learn(announced())
    assert taken_at_once(limiter, urgent=True) > 1
    assert limiter.usage().daily_limit is None


def test_a_new_access_asks_at_once(limiter: RateLimiter, time: Time) -> None:
    limiter.learn(announced(limit=1000, remaining=0))
    limiter.penalise("daily", time.now + timedelta(hours=3))
    limiter.forget_day()
    limiter.acquire(patience_s=0)


def test_searches_count_against_the_day_too(limiter: RateLimiter) -> None:
    limiter.learn(announced(limit=1000, remaining=101))
    limiter.acquire("search")
    with pytest.raises(WaitLonger):
        limiter.acquire("burst")


def test_headers_that_say_nothing_sensible_are_ignored(limiter: RateLimiter) -> None:
    limiter.learn({"X-HubSpot-RateLimit-Max": "many", "X-HubSpot-RateLimit-Daily": "-1"})
    limiter.learn({"X-HubSpot-RateLimit-Max": "0"})
    limiter.learn({})
    assert taken_at_once(limiter, urgent=True) == 95


def test_a_shorter_pause_does_not_end_a_longer_one(limiter: RateLimiter, time: Time) -> None:
    limiter.penalise("migration", time.now + timedelta(hours=1))
    limiter.penalise("migration", time.now + timedelta(seconds=1))
    with pytest.raises(WaitLonger) as caught:
        limiter.acquire("search")
    assert caught.value.waiting_for == "migration"
    assert caught.value.not_before - time.now > timedelta(minutes=59)


def test_use_is_counted_by_the_account_s_day(store: redis.Redis, time: Time) -> None:
    tokyo = RateLimiter(store, 5, time_zone="Asia/Tokyo", sleep=time.sleep, clock=time.clock)
    time.now = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)
    tokyo.acquire()
    tokyo.acquire("search")
    tokyo.count_refusal("burst")
    tokyo.penalise("burst", time.now + timedelta(seconds=9))
    tokyo.learn(announced(limit=1000, remaining=900))
    usage = tokyo.usage()
    assert (usage.calls, usage.searches, usage.refused) == (2, 1, {"burst": 1})
    assert (usage.burst_limit, usage.daily_limit, usage.daily_remaining) == (110, 1000, 900)
    assert list(usage.paused) == ["rate_limit"]
    before = usage.day
    time.now += timedelta(minutes=2)
    assert tokyo.usage().calls == 0
    assert tokyo.usage(before).calls == 2


def test_a_time_zone_unknown_here_counts_as_utc(store: redis.Redis, time: Time) -> None:
    limiter = RateLimiter(store, 5, time_zone="Mars/Olympus", clock=time.clock)
    assert limiter.day_end() == datetime(2026, 11, 24, tzinfo=UTC)


def test_what_is_announced_with_every_answer_is_written_once_a_second(
    limiter: RateLimiter, store: redis.Redis, time: Time
) -> None:
    def left_in_redis(remaining: int, most: int = 110) -> int | None:
        limiter.learn(announced(most=most, limit=1000, remaining=remaining))
        return limiter.usage().daily_remaining

    assert left_in_redis(900) == 900
    assert left_in_redis(890) == 900
    assert left_in_redis(880, most=190) == 880, "another limit counts at once"
    assert left_in_redis(500) == 500, "so does the end of the day's calls"
    assert left_in_redis(490) == 490
    store.flushall()
    time.now += timedelta(seconds=1)
    assert left_in_redis(890) == 890


def test_a_wiped_redis_costs_nothing_but_what_was_learned(limiter: RateLimiter, store: redis.Redis) -> None:
    limiter.learn(announced(most=20))
    taken_at_once(limiter)
    store.flushall()
    store.script_flush()
    assert taken_at_once(limiter, urgent=True) == 95


def test_without_redis_the_limiter_says_so_and_recovers(tmp_path: Path) -> None:
    socket = tmp_path / "redis.sock"
    with redis_server(socket) as url:
        client = redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0))
        limiter = RateLimiter(client, 1)
        limiter.acquire()
    with pytest.raises(LimiterUnavailable) as caught:
        limiter.acquire()
    assert caught.value.retryable
    assert caught.value.waiting_for == "redis"
    for broken in (limiter.usage, lambda: limiter.learn(announced()), lambda: limiter.count_refusal("burst")):
        with pytest.raises(LimiterUnavailable):
            broken()
    with redis_server(socket):
        limiter.acquire()
    client.close()


def test_a_clock_set_back_does_not_stop_every_call(limiter: RateLimiter, store: redis.Redis) -> None:
    limiter.acquire()
    in_an_hour_us = int(store.time()[0] + 3600) * 1_000_000
    store.lpush("hubspot:{111222}:burst", *[in_an_hour_us] * 95)
    limiter.acquire(patience_s=0)


def test_what_reads_ahead_lets_those_go_first_who_wait(
    limiter: RateLimiter, store: redis.Redis, time: Time
) -> None:
    limiter.learn(announced(most=20, interval_ms=60_000))
    taken_at_once(limiter)
    with pytest.raises(WaitLonger):
        limiter.acquire(patience_s=0)
    store.delete("hubspot:{111222}:burst")
    other = RateLimiter(store, 111222, sleep=time.sleep, clock=time.clock)
    other._ask("burst", urgent=False, others="first")
    assert other._ask("burst", urgent=False, others="first")[1] == "others"
    limiter.acquire(patience_s=0)


def test_what_reads_ahead_does_not_wait_for_others_for_ever(
    limiter: RateLimiter, store: redis.Redis, time: Time
) -> None:
    limiter.learn(announced(most=20))
    store.set("hubspot:{111222}:burst:waiting", 1)
    assert limiter.acquire(yields=True) == pytest.approx(1.0, abs=0.05)
    assert time.slept_s == pytest.approx(1.0, abs=0.05)


def test_readers_do_not_wait_for_each_other(limiter: RateLimiter, store: redis.Redis) -> None:
    taken_at_once(limiter)
    store.delete("hubspot:{111222}:burst:waiting")
    with pytest.raises(WaitLonger):
        limiter.acquire(yields=True, patience_s=0)
    assert not store.exists("hubspot:{111222}:burst:waiting")


def test_what_is_allowed_a_second_is_what_bulk_calls_get(limiter: RateLimiter) -> None:
    limiter.learn(announced(most=200))
    assert taken_at_once(limiter) == pytest.approx(limiter.calls_per_s() * _LONG_MS / 1000)
