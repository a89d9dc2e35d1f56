"""Begin and end of transactions. Nothing else commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from webapp.store.database.engine import is_turnstile_taken, turnstile, writing_engine


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
        for work that is then done once more, since everything that leads to it changes in the same
        transaction, and on the strength of which neither a person nor HubSpot is answered.

        Never hold one open across an HTTP call.

        Raises:
            RuntimeError: This thread writes already: it would wait for itself for ever.
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
        """Close the connections that nobody uses."""
        self.engine.dispose()
