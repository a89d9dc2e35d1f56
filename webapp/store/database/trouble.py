"""Trouble of the database or its disk, recognised by the error that it gave."""

import errno
from typing import Literal

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

Trouble = Literal["busy", "full", "read_only", "unreachable"]

# These errors say that nothing was stored and that the same request may succeed later.
TROUBLE_ERRORS = (OperationalError, InterfaceError, PoolTimeoutError)

_SIGNS: tuple[tuple[Trouble, tuple[str, ...]], ...] = (
    ("full", ("disk is full", "no space left on device", "disk i/o error", "could not extend file")),
    ("read_only", ("readonly database", "read-only transaction", "read-only file system")),
    ("busy", ("database is locked", "deadlock detected", "lock timeout", "queuepool", "too many clients")),
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
    text = str(error).lower()
    for trouble, signs in _SIGNS:
        if any(sign in text for sign in signs):
            return trouble
    # SQLite calls a missing table or column operational too: that is no passing trouble.
    return None if "no such table" in text or "no such column" in text else "unreachable"
