"""Engines of the two databases: pragmas, the kind of BEGIN, error texts, connections that have ended.

SQLite lets one process write at a time. A transaction that reads first and writes later fails at once when
another one wrote in between, so writing transactions say so from the start (BEGIN IMMEDIATE).

A commit is on the disk before it returns (`synchronous = FULL`), unless the transaction may be lost: then
nothing waits for the disk. SQLite appends commits to one log, so that after a power loss the last of those
may be missing, never one before a commit that waited.
"""

import math
import time
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, Dialect, Engine, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError, OperationalError

from webapp.installation.bare_errors import without_values
from webapp.store.database import recordsets
from webapp.store.database.lists import send_at_once
from webapp.store.database.trouble import PREPARED_LOST, READ_ONLY

APPLICATION_NAME = "twinbook"
"""How PostgreSQL knows our connections."""

LOCKED_S = 30
"""How long a statement waits for a lock on PostgreSQL; a transaction of ours takes a few seconds."""
IDLE_S = 1.0
"""A connection to PostgreSQL that was idle for longer than this is tested before it is used."""
VANISHED: dict[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A connection to PostgreSQL notices by these that its server has vanished; DATABASE_URL goes before."""

_WRITES = "twinbook_writes"
_IDLE_SINCE = "twinbook_idle_since"
_MAY_BE_LOST = "twinbook_may_be_lost"
_SYNCHRONOUS = "twinbook_synchronous"

_log = structlog.get_logger()


def configure(engine: Engine) -> None:
    """Make an engine behave as the rest of the store expects; called once for each engine."""
    event.listen(engine, "handle_error", _hide_values)
    event.listen(engine, "handle_error", _leave_read_only)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    else:
        preparing = _Preparing()
        event.listen(engine, "connect", preparing.follow)
        event.listen(engine, "handle_error", preparing.give_up)
        event.listen(engine, "connect", _set_for_session)
        event.listen(engine, "connect", send_at_once)
        event.listen(engine, "do_executemany", recordsets.copy_in)
        _roll_back_what_stands(engine.dialect)
        event.listen(engine, "checkin", _keep_idle_since)
        event.listen(engine, "checkout", partial(_insist_on_alive, engine.dialect))


def cache_for_bulk(engine: Engine) -> None:
    """Let connections keep most of the indexes that a bulk run writes to: that is worth a tenth of its time.

    Not for web processes, which hold many connections.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _cache_more)
        engine.dispose()


def _cache_more(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA cache_size = -16384")


def writing_engine(engine: Engine, *, may_be_lost: bool = False) -> Engine:
    """The same engine, whose transactions begin as writers.

    With `may_be_lost` their commits do not wait for SQLite's disk. On PostgreSQL all do.
    """
    return engine.execution_options(**{_WRITES: True, _MAY_BE_LOST: may_be_lost})


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and as a reader; `_begin` does it instead.
    connection.isolation_level = None
    # A bulk run spreads every page of records over the indexes: copying pages back less often (64 MiB of
    # log instead of 4) halves what its commits cost.
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 10000",
        "cache_size = -8192",
        "wal_autocheckpoint = 16000",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_for_session(connection: Any, _record: Any) -> None:
    """Settings of PostgreSQL for each of our connections.

    Statements that read a page's worth are never compiled: it expects some to read far more, compiling takes
    it a second, and what has been compiled is thrown away. Nobody waits for a lock without end, as where
    a stopped process holds it. The locks of a machine that has vanished are free within two minutes, and not
    when the system's own two hours are over.
    """
    was_autocommit, connection.autocommit = connection.autocommit, True
    connection.execute(
        f"SET jit = off; SET lock_timeout = '{LOCKED_S}s'; SET tcp_keepalives_idle = 30;"
        " SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 6"
    )
    connection.autocommit = was_autocommit


class _Preparing:
    """Whether the connections of one engine prepare what they are asked again and again.

    A pooler such as PgBouncer may give each transaction another connection, on which a prepared statement is
    unknown, or already there. DATABASE_PREPARED_STATEMENTS turns preparing off; where that was forgotten, the
    first such error does.
    """

    def __init__(self) -> None:
        self._has_lost = False

    def follow(self, connection: Any, _record: Any) -> None:
        if self._has_lost:
            connection.prepare_threshold = None

    def give_up(self, context: ExceptionContext) -> OperationalError | None:
        """Replace all connections, and let the error be one that passes: nothing was stored."""
        if getattr(context.original_exception, "sqlstate", None) not in PREPARED_LOST:
            return None
        if not self._has_lost:
            _log.warning("prepared_statements_lost", setting="DATABASE_PREPARED_STATEMENTS")
        self._has_lost = context.is_disconnect = True
        return OperationalError(context.statement, None, context.original_exception, hide_parameters=True)


def _roll_back_what_stands(dialect: Dialect) -> None:
    """Let a transaction that has ended with its connection be over: the page that has read by it is whole."""
    roll_back = dialect.do_rollback

    def do_rollback(connection: Any) -> None:
        try:
            roll_back(connection)
        except dialect.loaded_dbapi.Error:
            # The next who takes it from the pool finds it closed.
            if not getattr(connection, "driver_connection", connection).closed:
                raise

    dialect.do_rollback = do_rollback  # type: ignore[assignment]


def _keep_idle_since(_connection: Any, record: Any) -> None:
    record.info[_IDLE_SINCE] = time.monotonic()


def _insist_on_alive(dialect: Dialect, connection: Any, record: Any, _fairy: Any) -> None:
    """Replace connections that ended while they were idle, before they are used again.

    A server was restarted, or it or a firewall ended an idle connection. One used a moment ago is not tested.

    Raises:
        InvalidatePoolError: the pool connects again, also in place of all others.
    """
    if time.monotonic() - record.info.get(_IDLE_SINCE, math.inf) < IDLE_S and not connection.closed:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _hide_values(context: ExceptionContext) -> None:
    """Keep stored values out of the text of PostgreSQL's errors, since that text is logged."""
    driver_error, error = context.original_exception, context.sqlalchemy_exception
    diagnosis = getattr(driver_error, "diag", None)
    if error is None or diagnosis is None or diagnosis.message_primary is None:
        return
    full, shown = str(driver_error), without_values(diagnosis.sqlstate or "", diagnosis.message_primary)
    driver_error.args = (shown,)
    error.args = (str(error.args[0]).replace(full, shown), *error.args[1:])


def _leave_read_only(context: ExceptionContext) -> None:
    """Connect again where a server takes no writes: behind a failover another one does, at the same address.

    Connections that stand would stay with the server that they are on, or with what it was set to.
    """
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    # Within a transaction this cannot be changed any more.
    level = "NORMAL" if options.get(_MAY_BE_LOST, False) else "FULL"
    if connection.info.get(_SYNCHRONOUS, "FULL") != level:
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        connection.info[_SYNCHRONOUS] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE")
