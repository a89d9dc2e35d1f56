"""How often somebody may try to log in: counted in Redis for all processes, in memory while Redis is away.

Every attempt is counted before the password is looked at, and a right password takes the count back, so that
parallel guesses gain nothing and a person with the right password is never locked out by earlier slips.
"""

import time
from contextlib import suppress

from flask import current_app
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp.web.services import services

# One person from one place; one person from anywhere; one place.
_PERSON_HERE = parse("10 per 15 minutes")
_PERSON = parse("100 per hour")
_PLACE = parse("100 per 15 minutes")
# How long Redis is left alone after it did not answer.
_AWAY_S = 5.0


class Attempts:
    """The counts of one application."""

    def __init__(self, shared: RedisStorage, own: MemoryStorage) -> None:
        self._shared = MovingWindowRateLimiter(shared)
        self._own = MovingWindowRateLimiter(own)
        self._away_until = 0.0

    def allow(self, email: str, address: str) -> bool:
        """Count an attempt; whether it may be made."""
        # Every count is raised, also those after one that is used up.
        answers = [self._hit(item, *key) for item, key in _counts(email, address)]
        return all(answers)

    def forget(self, email: str, address: str) -> None:
        """Take back what led to a right password; the count of the place stays."""
        for item, key in _counts(email, address)[:2]:
            self._own.clear(item, *key)
            if time.monotonic() >= self._away_until:
                with suppress(RedisError):
                    self._shared.clear(item, *key)

    def _hit(self, item: RateLimitItem, *key: str) -> bool:
        if time.monotonic() >= self._away_until:
            try:
                return self._shared.hit(item, *key)
            except RedisError:
                # Nobody who logs in should wait for Redis more than once.
                self._away_until = time.monotonic() + _AWAY_S
        return self._own.hit(item, *key)


def attempts() -> Attempts:
    """The counts of the application at work."""
    kept: Attempts | None = current_app.extensions.get("twinbook.attempts")
    if kept is None:
        shared = RedisStorage("redis://", connection_pool=_impatient_pool(), key_prefix="twinbook:attempts")
        kept = current_app.extensions["twinbook.attempts"] = Attempts(shared, MemoryStorage())
    return kept


def _impatient_pool() -> ConnectionPool:
    """Connections to the application's Redis that give up soon."""
    patient = services().redis.connection_pool
    hurry = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 1, "socket_timeout": 1}
    return ConnectionPool(patient.connection_class, **(patient.connection_kwargs | hurry))


def _counts(email: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    return [
        (_PERSON_HERE, ("person_here", email, address)),
        (_PERSON, ("person", email)),
        (_PLACE, ("place", address)),
    ]
