"""Passwords: hashed with argon2id, compared in constant time."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import Problem, problem

SHORTEST = 10
LONGEST = 1000

HASHER = PasswordHasher()
"""What a hash costs; every hash names the parameters it was made with."""


def fault_of(password: str) -> Problem | None:
    """What is wrong with a new password; None when it will do."""
    if len(password) < SHORTEST:
        return problem("password_too_short", limit=SHORTEST)
    if len(password) > LONGEST:
        return problem("password_too_long", limit=LONGEST)
    return None


def hashed(password: str) -> str:
    """The hash to store."""
    return HASHER.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the hashed one. Without a hash it costs the same and is wrong."""
    try:
        HASHER.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def renewed(password_hash: str, password: str) -> str | None:
    """A new hash where the stored one was made with older parameters, else None."""
    return HASHER.hash(password) if HASHER.check_needs_rehash(password_hash) else None


@cache
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")
