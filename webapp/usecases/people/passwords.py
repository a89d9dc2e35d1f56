"""Passwords: hashed with argon2id, compared in constant time, and few at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import Problem, TwinbookError, problem

SHORTEST = 10
LONGEST = 1000
MOST_AT_ONCE = 2
"""How many passwords each process hashes at a time: each takes 64 MB."""
MOST_WAITING = 64
"""How many more may wait: each keeps a thread from serving pages."""
PATIENCE_S = 10.0
"""How long a password waits for its turn."""

HASHER = PasswordHasher()
"""The hasher with its costs; every hash names the parameters that it was made with."""

turns = threading.BoundedSemaphore(MOST_AT_ONCE)
places = threading.BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)
"""A place is held while waiting and hashing; a request that finds none is refused."""
# A name of three letters may stand in a good password by chance.
_SHORTEST_PART = 4
_FEWEST_CHARACTERS = 4

_T = TypeVar("_T")


class CrowdedError(TwinbookError):
    """Too many passwords were waiting to be checked, and this one did not get its turn."""

    retryable = True


def fault_of(password: str, *about: str) -> Problem | None:
    """The problem of a new password; None if it has none.

    Args:
        password: What was typed.
        about: Name and e-mail address of its person, which it must not be made of.
    """
    if len(password) < SHORTEST:
        return problem("password_too_short", limit=SHORTEST)
    if len(password) > LONGEST:
        return problem("password_too_long", limit=LONGEST)
    lowered = password.lower()
    if lowered in _common() or len(set(lowered)) < _FEWEST_CHARACTERS:
        return problem("password_common")
    return problem("password_about_person") if _is_about(lowered, about) else None


def hashed(password: str) -> str:
    """The hash to store.

    Raises:
        CrowdedError: it did not get its turn.
    """
    return _in_turn(lambda: HASHER.hash(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one. Without a hash it costs the same and is wrong.

    Raises:
        CrowdedError: it did not get its turn.
    """
    try:
        _in_turn(lambda: HASHER.verify(password_hash or _nobodys_hash(), password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def renewed(password_hash: str, password: str) -> str | None:
    """A new hash where the stored one was made with older parameters, else None."""
    return hashed(password) if HASHER.check_needs_rehash(password_hash) else None


def _is_about(password: str, about: tuple[str, ...]) -> bool:
    """Whether little is left of a password without what everybody knows about its person."""
    parts = {part for text in about for part in (text, *text.replace("@", " ").split())}
    rest = password
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_PART:
            rest = rest.replace(part.lower(), "")
    return len(rest) < _SHORTEST_PART


def _in_turn(work: Callable[[], _T]) -> _T:
    with _turn():
        return work()


@contextmanager
def _turn() -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise CrowdedError("too many passwords at once")
    try:
        if not turns.acquire(timeout=PATIENCE_S):
            raise CrowdedError("too many passwords at once")
        try:
            yield
        finally:
            turns.release()
    finally:
        places.release()


@cache
def _common() -> frozenset[str]:
    """The passwords that are guessed first, as far as they are long enough: those that zxcvbn knows."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - takes a quarter of a second

    return frozenset(one for one in FREQUENCY_LISTS["passwords"] if len(one) >= SHORTEST)


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")
