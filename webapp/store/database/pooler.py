"""A pooler before PostgreSQL, such as PgBouncer, that gives each transaction whichever connection is free.

A statement that was prepared on one of its connections is unknown on the next, or already there. Operators
turn preparing off by DATABASE_PREPARED_STATEMENTS; where they forgot, the first such error does it.
"""

from typing import Any

import structlog
from sqlalchemy import Engine, ExceptionContext, event, text
from sqlalchemy.exc import OperationalError

from webapp.store.database.trouble import PREPARED_LOST

_log = structlog.get_logger()


def watch(engine: Engine) -> None:
    """Have an engine's connections prepare nothing more once a prepared statement was lost."""
    preparing = _Preparing()
    event.listen(engine, "connect", preparing.follow)
    event.listen(engine, "handle_error", preparing.give_up)


def is_before(engine: Engine) -> bool:
    """Whether we speak with a pooler: it introduces itself by another number than that of the process."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return bool(driver.info.backend_pid != connection.scalar(text("SELECT pg_backend_pid()")))


class _Preparing:
    """Whether the connections of one engine prepare what they are asked again and again."""

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
