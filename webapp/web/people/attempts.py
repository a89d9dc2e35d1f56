"""Limits of attempts to log in: counted in Redis for all processes, in memory while Redis is away.

An attempt is counted before the password is looked at, so that parallel guesses gain nothing; one with the
right password is given back. The place is counted first: one that has used up its attempts does not count
against the person it names, who could else be locked out by anybody.

Counts are kept in a fixed number of cells, so that a flood of made-up names fills no memory.
"""

import hashlib
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from flask import current_app
from msgspec import Struct
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from redis.retry import Retry

from webapp.domain.people.network import place_of
from webapp.web.services import services

# How long Redis is left alone after it did not answer.
_AWAY_S = 5.0
_SCRIPT = Path(__file__).with_suffix(".lua").read_text("utf-8")
CELLS = 2**16
"""How many different persons, or places, are told apart by each allowance."""


class Allowance(Struct, frozen=True):
    """How often something may be done: so many times at once, and as many again in that time."""

    name: str
    most: int
    within_s: int

    @property
    def each_ms(self) -> int:
        """How long one attempt takes to grow back."""
        return self.within_s * 1000 // self.most


_PLACE = Allowance("place", 100, 15 * 60)
_PERSON_HERE = Allowance("person_here", 10, 15 * 60)
_PERSON = Allowance("person", 100, 60 * 60)
_LINKS_PLACE = Allowance("links_place", 20, 60 * 60)
_LINKS_PERSON = Allowance("links_person", 3, 60 * 60)
_PUSHES = Allowance("pushes", 60, 10 * 60)

Count = tuple[Allowance, str]


class Attempts:
    """The counts of one application."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(_SCRIPT)
        self._own = _OwnCounts()
        self._away_until = 0.0

    def allow(self, email: str, address: str) -> bool:
        """Count an attempt to log in; whether it may be made."""
        return self._take(_log_in_counts(email, address))

    def allow_link(self, email: str, address: str) -> bool:
        """Count a request for a link by mail; whether it may be made, whoever has that address."""
        place = place_of(address)
        return self._take([(_LINKS_PLACE, place), (_LINKS_PERSON, email)])

    def allow_push(self, user_id: int) -> bool:
        """Count a push of one record; whether this person may begin it."""
        return self._take([(_PUSHES, str(user_id))])

    def give_back(self, email: str, address: str) -> None:
        """Give back an attempt with the right password, and the slips of that person at that place."""
        place, here, person = _log_in_counts(email, address)
        self._give_back((place, person), cleared=here)

    def give_back_unseen(self, email: str, address: str) -> None:
        """Give back an attempt whose password nobody has looked at."""
        self._give_back(_log_in_counts(email, address))

    def _give_back(self, counts: Sequence[Count], *, cleared: Count | None = None) -> None:
        self._own.give_back(counts, cleared=cleared)
        if self._is_shared():
            with suppress(RedisError):
                self._give_back_shared(counts, cleared=cleared)

    def _take(self, counts: Sequence[Count]) -> bool:
        if self._is_shared():
            try:
                arguments = [
                    value for allowance, _ in counts for value in (allowance.each_ms, allowance.most)
                ]
                return int(self._script([_key(*one) for one in counts], arguments)) == len(counts)
            except RedisError:
                # Nobody who logs in should wait for Redis more than once.
                self._away_until = time.monotonic() + _AWAY_S
        return self._own.take(counts)

    def _give_back_shared(self, counts: Sequence[Count], *, cleared: Count | None) -> None:
        with self._redis.pipeline(transaction=False) as pipe:
            if cleared is not None:
                pipe.delete(_key(*cleared))
            for allowance, who in counts:
                # One that has grown back meanwhile has no key; the script takes one in the past for full.
                pipe.eval(_GIVE_BACK, 1, _key(allowance, who), allowance.each_ms)
            pipe.execute()

    def _is_shared(self) -> bool:
        return time.monotonic() >= self._away_until


_GIVE_BACK = """
local full_at = redis.call('GET', KEYS[1])
if full_at then
  redis.call('SET', KEYS[1], string.format('%d', full_at - ARGV[1]), 'KEEPTTL')
end
"""


class _OwnCounts:
    """Counts attempts in the memory of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._full_at: dict[str, float] = {}

    def take(self, counts: Sequence[Count]) -> bool:
        with self._lock:
            now = time.monotonic() * 1000
            for allowance, who in counts:
                key = _key(allowance, who)
                full_at = max(self._full_at.get(key, 0.0), now) + allowance.each_ms
                if full_at - now > allowance.each_ms * allowance.most:
                    return False
                self._full_at[key] = full_at
            return True

    def give_back(self, counts: Sequence[Count], *, cleared: Count | None) -> None:
        with self._lock:
            if cleared is not None:
                self._full_at.pop(_key(*cleared), None)
            for allowance, who in counts:
                key = _key(allowance, who)
                if key in self._full_at:
                    self._full_at[key] -= allowance.each_ms


def attempts() -> Attempts:
    """The counts of the application at work."""
    kept: Attempts | None = current_app.extensions.get("twinbook.attempts")
    if kept is None:
        kept = current_app.extensions["twinbook.attempts"] = Attempts(_impatient_redis())
    return kept


def _impatient_redis() -> Redis:
    """A client of the application's Redis that gives up soon."""
    patient = services().redis.connection_pool
    hurry = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 1, "socket_timeout": 1}
    return Redis(
        connection_pool=ConnectionPool(patient.connection_class, **(patient.connection_kwargs | hurry))
    )


def _log_in_counts(email: str, address: str) -> tuple[Count, Count, Count]:
    place = place_of(address)
    return (_PLACE, place), (_PERSON_HERE, f"{email} {place}"), (_PERSON, email)


def _key(allowance: Allowance, who: str) -> str:
    """The cell that counts somebody: two may share one, which costs them nothing but in a flood."""
    digest = hashlib.blake2b(who.encode(), digest_size=8).digest()
    return f"twinbook:attempts:{allowance.name}:{int.from_bytes(digest) % CELLS}"
