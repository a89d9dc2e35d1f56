"""Passwords: hashed with argon2id, compared in a time that tells nothing."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 1000

HASHER = PasswordHasher()
"""What a hash costs; every hash says with which parameters it was made."""


def fault_of(password: str) -> str | None:
    """What is wrong with a new password, in words; None when it will do."""
    if len(password) < SHORTEST:
        return f"The password needs at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"The password may have at most {LONGEST:,} characters."
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
