"""Whether PostgreSQL takes writes: a full disk, or a standby, still answers everything that is only read."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from webapp.store.database.trouble import is_forbidden

# More than a page has room for, so that the disk is asked for some.
_ROWS = 200
_TABLE = text("CREATE TEMPORARY TABLE trial_write (filler text) ON COMMIT DROP")
_FILL = text(f"INSERT INTO trial_write SELECT repeat('x', 1000) FROM generate_series(1, {_ROWS})")  # noqa: S608 - a number


def refusal(engine: Engine) -> DBAPIError | None:
    """What PostgreSQL says to a write that is taken back; None if it takes it, or nobody may try.

    SQLite is left alone: it has one writer at a time, and its disk is that of the instance folder.
    """
    if engine.dialect.name == "sqlite":
        return None
    try:
        with engine.connect() as connection:
            connection.execute(_TABLE)
            connection.execute(_FILL)
            connection.rollback()
    except DBAPIError as error:
        return None if is_forbidden(error) else error
    return None
