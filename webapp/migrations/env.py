"""Runs the migrations through the application's own engine."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, event
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db
from webapp.migrations.comparison import is_compared
from webapp.models.base import UtcDateTime
from webapp.settings import is_command
from webapp.store.database.engine import writing_engine
from webapp.store.database.transactions import turnstile
from webapp.store.database.trouble import answer_of, is_forbidden, trouble_of
from webapp.store.operating import version
from webapp.text.operating import NEWER_DATABASE, UPGRADES

# A change of a table waits for whoever uses it, and all that come later wait behind: rather try again.
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"


def run() -> None:
    """Bring the database to the wanted revision, as its only writer on SQLite.

    On PostgreSQL the application may be at work. There each migration has a transaction of its own, and what
    `webapp.migrations.online` does has none.
    """
    metadata: MetaData = db.metadata
    with turnstile(db.engine), writing_engine(db.engine).connect() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        if is_postgresql:
            event.listen(connection, "begin", _wait_shortly)
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


def _wait_shortly(connection: Connection) -> None:
    connection.exec_driver_sql(_LOCK_TIMEOUT)


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations must not import the application, whose types may change later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run_for_command() -> None:
    """The same for Flask-Migrate, which says such an error in one line."""
    try:
        _refuse_newer()
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
    stored, newest = version.stored(db.engine), version.newest()
    if stored not in (None, newest) and not version.is_earlier(stored or ""):
        raise CommandError(NEWER_DATABASE.format(stored=stored, newest=newest))


run_for_command() if is_command() else run()
