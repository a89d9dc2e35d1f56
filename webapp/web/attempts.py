"""How often somebody may try to log in: counted in Redis for all processes, in memory while Redis is away.

Every attempt is counted before the password is looked at, and a right password takes the count back, so that
parallel guesses gain nothing and a person who knows the password is never in the way of themselves.
"""

from flask import current_app
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from webapp.current import current_redis

# One person from one place; one person from anywhere; one place.
_PERSON_HERE = parse("10 per 15 minutes")
_PERSON = parse("100 per hour")
_PLACE = parse("100 per 15 minutes")


class Attempts:
    """The counts of one application."""

    def __init__(self, shared: RedisStorage, own: MemoryStorage) -> None:
        self._shared = MovingWindowRateLimiter(shared)
        self._own = MovingWindowRateLimiter(own)

    def allow(self, email: str, address: str) -> bool:
        """Count an attempt, and say whether it may be made."""
        # Every count is raised, also those after one that is used up.
        answers = [self._hit(item, *key) for item, key in _counts(email, address)]
        return all(answers)

    def forget(self, email: str, address: str) -> None:
        """Take back what led to a right password; the count of the place stays."""
        for item, key in _counts(email, address)[:2]:
            self._own.clear(item, *key)
            try:
                self._shared.clear(item, *key)
            except RedisError:
                continue

    def _hit(self, item: RateLimitItem, *key: str) -> bool:
        try:
            return self._shared.hit(item, *key)
        except RedisError:
            return self._own.hit(item, *key)


def attempts() -> Attempts:
    """The counts of the application at work."""
    kept: Attempts | None = current_app.extensions.get("twinbook.attempts")
    if kept is None:
        pool = current_redis().connection_pool
        shared = RedisStorage("redis://", connection_pool=pool, key_prefix="twinbook:attempts")
        kept = current_app.extensions["twinbook.attempts"] = Attempts(shared, MemoryStorage())
    return kept


def _counts(email: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    return [
        (_PERSON_HERE, ("person_here", email, address)),
        (_PERSON, ("person", email)),
        (_PLACE, ("place", address)),
    ]
