"""Trouble of the database or its disk, recognised by the error that it gave.

PostgreSQL gives errors codes, and texts in the language of its server. It has no codes for what goes wrong
before a connection stands, and SQLite has texts alone.
"""

import errno
from typing import Literal

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

Trouble = Literal["busy", "full", "read_only", "unreachable"]

# Where they have a name: nothing was stored, and the same request may succeed later.
TROUBLE_ERRORS = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)

READ_ONLY = "25006"
"""What PostgreSQL answers to a write where it takes none."""

PREPARED_LOST = ("26000", "42P05")
"""A prepared statement that is not there, or already there: a pooler has changed the connection."""

_FORBIDDEN = "42501"

_DEADLOCK = "40P01"
_CONFLICTS = ("40001", _DEADLOCK)
"""Serialization and deadlock: two transactions met, of which this one was ended."""

_LOCK_TIMEOUT = "55P03"

_CODES: dict[str, Trouble] = {
    READ_ONLY: "read_only",
    "53100": "full",
    # Locks and statements that took too long; memory and connections that are used up.
    **dict.fromkeys((*_CONFLICTS, _LOCK_TIMEOUT, "57014", "53200", "53300"), "busy"),
    # A transaction that took longer than the server's administrator allows is ended with its connection.
    **dict.fromkeys(("25P03", "25P04", "57P05"), "busy"),
    # The next connection prepares nothing.
    **dict.fromkeys(PREPARED_LOST, "busy"),
}
_SIGNS: tuple[tuple[Trouble, tuple[str, ...]], ...] = (
    ("full", ("disk is full", "no space left on device", "disk i/o error", "could not extend file")),
    ("read_only", ("readonly database", "read-only file system")),
    (
        "busy",
        ("database is locked", "queuepool", "too many clients", "too many connections", "connection slots"),
    ),
)
_SYSTEM_ERRORS: dict[int, Trouble] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
}


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Name the trouble behind an error; None when it is something else, such as a mistake in the program."""
    if isinstance(error, OSError) and not isinstance(error, TROUBLE_ERRORS):
        return _SYSTEM_ERRORS.get(error.errno or 0)
    if not isinstance(error, TROUBLE_ERRORS):
        return None
    if known := _CODES.get(code_of(error)):
        return known
    text = str(error).lower()
    for trouble, signs in _SIGNS:
        if any(sign in text for sign in signs):
            return trouble
    if isinstance(error, InternalError):
        return None
    # SQLite calls a missing table or column operational too: that is no passing trouble.
    return None if "no such table" in text or "no such column" in text else "unreachable"


def is_conflict(error: Exception) -> bool:
    """Whether another transaction did the same, or met this one, at this moment: repeated it may succeed."""
    return isinstance(error, IntegrityError) or code_of(error) in _CONFLICTS


def has_missed_lock(error: Exception) -> bool:
    """Whether a statement of PostgreSQL's was ended since others hold what it waited for."""
    return code_of(error) in (_LOCK_TIMEOUT, _DEADLOCK)


def is_forbidden(error: Exception) -> bool:
    """Whether PostgreSQL's user lacks a right."""
    return code_of(error) == _FORBIDDEN


def code_of(error: Exception) -> str:
    """The code of an error of PostgreSQL's, as the driver or SQLAlchemy raise it; empty where it has none."""
    of_driver = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(of_driver, "sqlstate", None) or "")


def answer_of(error: Exception) -> str:
    """The first line of what the driver says; the rest is the statement, and where to read on."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
