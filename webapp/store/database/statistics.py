"""Keeps PostgreSQL's statistics in step with tables that fill within seconds.

By what it knew of an empty table it walks whole indexes, so that each page costs more than the one before.
Its own autovacuum would do so, but runs only once a minute.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.models import (
    Company,
    CompanyText,
    Contact,
    ContactAddress,
    ContactText,
    Link,
    PlannedAddress,
    PlannedObject,
    PlannedRecord,
    RemoteObject,
)
from webapp.store.database.lists import dialect_of

_FILLED = (
    Company,
    Contact,
    CompanyText,
    ContactText,
    ContactAddress,
    Link,
    RemoteObject,
    PlannedAddress,
    PlannedObject,
    PlannedRecord,
)
_TABLES = tuple(table.__tablename__ for table in _FILLED)
# As PostgreSQL's own rule: a table is analysed once this number of rows and this share of all have changed.
# A worker waits a fifth of a second for that at any size, so a table has to double.
_FEWEST_ROWS = 500
_SHARE = 1.0
_GROWN = text(
    "SELECT t.relname FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid"
    " WHERE t.relname = ANY(:names)"
    " AND t.n_mod_since_analyze > :fewest + :share * greatest(c.reltuples, 0)"
)


def refresh(session: Session) -> None:
    """Have the tables measured that have changed much since they last were; SQLite needs no such thing."""
    if dialect_of(session) != "postgresql":
        return
    values = {"names": list(_TABLES), "fewest": _FEWEST_ROWS, "share": _SHARE}
    for name in session.scalars(_GROWN, values).all():
        session.execute(text(f"ANALYZE {name}"))
