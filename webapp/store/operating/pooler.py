"""A pooler before PostgreSQL, such as PgBouncer."""

from typing import Any

from sqlalchemy import Engine, text


def is_before(engine: Engine) -> bool:
    """Whether we speak with a pooler: it introduces itself by another number than that of the process."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return bool(driver.info.backend_pid != connection.scalar(text("SELECT pg_backend_pid()")))
