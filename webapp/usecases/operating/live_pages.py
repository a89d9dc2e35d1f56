"""The number of open live pages of all web processes: each says in Redis how many it has."""

from typing import Any

from redis import Redis

from webapp.domain.records.normal.whole_numbers import count_in

SIGN_EVERY_S = 5.0
"""How often a process that has open pages says so."""
_FORGOTTEN_S = int(3 * SIGN_EVERY_S)
_KEY = "twinbook:live_pages"


def sign(redis: Redis, process: str, number: int) -> None:
    """Say how many one process has; one that is silent for a quarter of a minute has none.

    Raises:
        RedisError: Redis does not answer.
    """
    if number:
        redis.hset(_KEY, process, f"{number} {_now_s(redis)}")
        redis.expire(_KEY, _FORGOTTEN_S)
    else:
        redis.hdel(_KEY, process)


def count(redis: Redis) -> int:
    """How many are open.

    Raises:
        RedisError: Redis does not answer.
    """
    signs: Any = redis.hvals(_KEY)
    found = [sign.partition(b" ") for sign in signs]
    since = _now_s(redis) - _FORGOTTEN_S
    return sum(count_in(number) for number, _, at_s in found if count_in(at_s) >= since)


def _now_s(redis: Redis) -> int:
    """By the clock of Redis, which all machines share."""
    now: Any = redis.time()
    return int(now[0])
