"""How a database would carry a statement out."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.databases.statements import Sent
from webapp.store.database.lists import dialect_of


def plan_of(session: Session, sent: Sent) -> str:
    """The plan as a database words it; of so few rows PostgreSQL is asked how it would read more."""
    explain = "EXPLAIN QUERY PLAN"
    if dialect_of(session) != "sqlite":
        explain = "EXPLAIN"
        session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = session.connection().exec_driver_sql(f"{explain} {sent.sql}", sent.parameters)
    return "\n".join(str(row[-1]) for row in rows)
