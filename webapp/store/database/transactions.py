"""Begin and end of transactions, and the writers' turnstile. Nothing else commits.

Writers to SQLite queue at a turnstile, since SQLite's own waiting is unfair: a writer that comes back at once
wins again. The turnstile is two file locks: the next writer holds the first and waits for the second.

A blocking wait for a file lock cannot time out, and polling would lose the place in the queue. So a thread
waits, and is abandoned once the time is up: it releases the lock as soon as it gets it. Until then no other
thread of this process begins to wait, since such threads would pile up behind a stopped process.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from webapp.store.database.engine import writing_engine

TURN_LIMIT_S = 30.0
"""How long a writer waits for its turn; a transaction of ours takes a few seconds."""
STUCK_LIMIT_S = 3.0
"""The same after an earlier wait failed, while the lock has not been free since."""

_stuck: dict[str, "_Waiting"] = {}
"""By database, an abandoned wait whose thread has not ended."""


class NoTurnError(PoolTimeoutError):
    """Another process or thread has been writing for too long; nothing was stored."""

    def __init__(self, message: str = "database is locked: another writer does not come to its end") -> None:
        super().__init__(message)


class Database:
    """Begins and ends transactions, from any thread.

    Args:
        engine: A configured engine; see `webapp.store.database.engine.configure`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._of_thread = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One short reading transaction; its connection goes back at the end."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, *, may_be_lost: bool = False) -> Iterator[Session]:
        """One writing transaction: committed at the end, rolled back when anything is raised.

        What it commits survives a power loss. With `may_be_lost` that is given up for speed, on SQLite: only
        for work that is simply done again, because its whole cause changes in the same transaction and
        neither a person nor HubSpot gets an answer that relies on it.

        Never hold one open across an HTTP call.

        Raises:
            RuntimeError: This thread writes already: it would wait for itself.
            NoTurnError: Another writer does not finish.
        """
        with (
            self._not_within_another(),
            turnstile(self.engine),
            Session(writing_engine(self.engine, may_be_lost=may_be_lost), expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def _not_within_another(self) -> Iterator[None]:
        if getattr(self._of_thread, "writes", False):
            raise RuntimeError("a writing transaction within another one")
        self._of_thread.writes = True
        try:
            yield
        finally:
            self._of_thread.writes = False

    def has_waiting_writer(self) -> bool:
        """Whether another thread waits for the write lock right now; on PostgreSQL none ever does."""
        return is_turnstile_taken(self.engine)

    def dispose(self) -> None:
        """Close idle connections."""
        self.engine.dispose()


@contextmanager
def turnstile(engine: Engine) -> Iterator[None]:
    """Wait for one's turn to write. On PostgreSQL nobody waits.

    Raises:
        NoTurnError: The turn does not come in time.
    """
    path = _file(engine)
    if path is None:
        yield
        return
    turn = _taken(path)
    try:
        yield
    finally:
        os.close(turn)


def is_turnstile_taken(engine: Engine) -> bool:
    """Whether somebody waits for a turn to write."""
    path = _file(engine)
    if path is None:
        return False
    place = _opened(f"{path}.turnstile")
    try:
        return not _is_locked_at_once(place, fcntl.LOCK_SH)
    finally:
        os.close(place)


def _file(engine: Engine) -> str | None:
    """The file of an SQLite database; None for what needs no turns."""
    path = engine.url.database
    return None if engine.dialect.name != "sqlite" or path == ":memory:" else path or None


def _taken(path: str) -> int:
    """The handle of the lock, which is held; closing it gives the turn away."""
    deadline = time.monotonic() + TURN_LIMIT_S
    if (stuck := _stuck.get(path)) is not None and not stuck.has_ended.wait(STUCK_LIMIT_S):
        raise NoTurnError
    place, turn = _opened(f"{path}.turnstile"), _opened(f"{path}.write-lock")
    if _is_locked_at_once(place) and _is_locked_at_once(turn):
        os.close(place)
    elif not _Waiting(path, place, turn).has_come_by(deadline):
        raise NoTurnError
    return turn


class _Waiting:
    """A thread that waits for both locks; the first is closed then, and the second where nobody wants it."""

    def __init__(self, path: str, place: int, turn: int) -> None:
        self.has_ended = threading.Event()
        self._path, self._place, self._turn = path, place, turn
        self._deciding = threading.Lock()
        self._is_given_up = False
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def has_come_by(self, deadline: float) -> bool:
        """Wait for the lock until a deadline on the monotonic clock; then abandon the wait."""
        try:
            self._thread.start()
            self.has_ended.wait(max(0.0, deadline - time.monotonic()))
        except RuntimeError:
            # The system has no thread to spare.
            os.close(self._place)
            os.close(self._turn)
            return False
        except BaseException:
            # A signal, such as the timeout of a job.
            if self._is_held():
                os.close(self._turn)
            raise
        return self._is_held()

    def _is_held(self) -> bool:
        with self._deciding:
            self._is_given_up = not self.has_ended.is_set()
            if self._is_given_up:
                _stuck.setdefault(self._path, self)
        return not self._is_given_up

    def _wait(self) -> None:
        for handle in (self._place, self._turn):
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.close(self._place)
        with self._deciding:
            if self._is_given_up:
                os.close(self._turn)
            if _stuck.get(self._path) is self:
                del _stuck[self._path]
            self.has_ended.set()


def _is_locked_at_once(handle: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(path: str) -> int:
    """An open lock file; closing it releases the lock."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
