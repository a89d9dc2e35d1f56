"""Runs the migrations through the application's own engine."""

import time
from functools import partial
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from webapp.extensions import db
from webapp.migrations.comparison import is_compared
from webapp.models.base import UtcDateTime
from webapp.settings import is_command
from webapp.store.database.engine import writing_engine
from webapp.store.database.transactions import turnstile
from webapp.store.database.trouble import answer_of, has_missed_lock, is_forbidden, trouble_of
from webapp.store.operating import pooler, version
from webapp.text.operating import NEWER_DATABASE, UPGRADE_BEHIND_POOLER, UPGRADES

# A change of a table waits for whoever uses it, and all that come later wait behind: rather give way, and try
# again. It does so before PostgreSQL looks for a deadlock, after a second, since that may end the others.
# Whoever keeps a table for long is waited for at last.
_PATIENCE_MS = (*(500,) * 40, *(10_000,) * 3)
_PAUSE_S = 0.5


def run() -> None:
    """Bring the database to the wanted revision, as its only writer on SQLite.

    On PostgreSQL the application may be at work. There each migration has a transaction of its own, and what
    `webapp.migrations.online` does has none. One that got no lock is repeated.
    """
    for patience_ms in _PATIENCE_MS[:-1]:
        try:
            return _migrate(patience_ms)
        except OperationalError as error:
            if not has_missed_lock(error):
                raise
        time.sleep(_PAUSE_S)
    return _migrate(_PATIENCE_MS[-1])


def _migrate(patience_ms: int) -> None:
    metadata: MetaData = db.metadata
    with turnstile(db.engine), writing_engine(db.engine).connect() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        if is_postgresql:
            event.listen(connection, "begin", partial(_wait_at_most, patience_ms))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            include_object=is_compared,
            render_item=_render_item,
            render_as_batch=not is_postgresql,
            transaction_per_migration=is_postgresql,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _wait_at_most(patience_ms: int, connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience_ms}")


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations must not import the application, whose types may change later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_for_command() -> None:
    """The same for Flask-Migrate, which says such an error in one line."""
    try:
        _refuse_newer()
        _refuse_pooler()
        run()
    except SQLAlchemyError as error:
        trouble = "forbidden" if is_forbidden(error) else trouble_of(error)
        if trouble is None:
            raise
        raise CommandError(f"{answer_of(error).rstrip('.')}. {UPGRADES[trouble]}") from error


def _refuse_newer() -> None:
    """Say of a database that a newer program has made what Alembic says of a lost file.

    Raises:
        CommandError: this program does not know its version.
    """
    if version.is_newer(db.engine):
        versions = {"stored": version.stored(db.engine), "newest": version.newest()}
        raise CommandError(NEWER_DATABASE.format(**versions))


def _refuse_pooler() -> None:
    """What is set for an index that is built would be set for whoever gets the connection next.

    Raises:
        CommandError: there is one.
    """
    if db.engine.dialect.name == "postgresql" and pooler.is_before(db.engine):
        raise CommandError(UPGRADE_BEHIND_POOLER)


run_for_command() if is_command() else run()
