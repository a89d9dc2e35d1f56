"""How a database would carry a statement out."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.databases.statements import Sent
from webapp.store.database.lists import dialect_of


def plan_of(session: Session, sent: Sent, *, in_order: bool = False) -> str:
    """The plan as a database words it; of so few rows PostgreSQL is asked how it would read more.

    Args:
        session: In which it would be carried out.
        sent: The statement.
        in_order: Ask PostgreSQL also to go by an index that has the order of the answer, where there is one.
    """
    explain = "EXPLAIN QUERY PLAN"
    if dialect_of(session) != "sqlite":
        explain = "EXPLAIN"
        for way in ("seqscan", *(("sort", "incremental_sort", "bitmapscan") if in_order else ())):
            session.execute(text(f"SET LOCAL enable_{way} = off"))
    rows = session.connection().exec_driver_sql(f"{explain} {sent.sql}", sent.parameters)
    return "\n".join(str(row[-1]) for row in rows)
