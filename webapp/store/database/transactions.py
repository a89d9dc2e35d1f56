"""Where transactions begin and end. Nothing else commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from webapp.extensions import db
from webapp.store.database.engine import is_turnstile_taken, turnstile, writing_engine


@contextmanager
def writing() -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back when anything is raised.

    The page's own reading session is ended first: it would go on seeing the state from before.
    Never hold one open across an HTTP call.
    """
    db.session.rollback()
    engine = db.engine
    with (
        turnstile(engine),
        Session(writing_engine(engine), expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


def is_anybody_waiting_to_write() -> bool:
    """Whether a long transaction would keep somebody waiting right now; on PostgreSQL it keeps nobody."""
    return is_turnstile_taken(db.engine)


@contextmanager
def reading() -> Iterator[Session]:
    """One short reading transaction, for code outside a request; its connection goes back at the end."""
    with Session(db.engine, expire_on_commit=False) as session:
        yield session


def release() -> None:
    """End the page's reading session, before a call to HubSpot: no transaction may wait for one."""
    db.session.rollback()
