"""The numbers of rows: how large they can be, and many at once."""

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

# The largest value of an integer column in either database.
LARGEST_ID = 2**31 - 1


def reserve(session: Session, table: Table, count: int) -> list[int]:
    """Take `count` unused ids of a table; the transaction must be a writing one.

    Rows written with these ids need no answer from the database, so that they can go in one `executemany`.
    """
    if count == 0:
        return []
    if session.get_bind().dialect.name == "sqlite":
        # The write lock is held until the commit, and inserting an explicit id moves the counter along.
        last = (
            session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table.name})
            or 0
        )
        return list(range(last + 1, last + count + 1))
    rows = session.scalars(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table.name, "count": count},
    )
    return list(rows)
