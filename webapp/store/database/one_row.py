"""Conditional updates of one row, which say whether they took effect."""

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, update
from sqlalchemy.orm import Session


def changed_one(session: Session, table: Any, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
    """Update the row that meets the condition; False when none does, since another one was quicker."""
    statement = update(table).where(condition).values(values).execution_options(synchronize_session=False)
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
