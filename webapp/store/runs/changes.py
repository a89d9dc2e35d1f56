"""Changes in and out by the hour: added up with the log, so that no page has to go through it."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable

from webapp.domain.runs.changes import HourCount, hour_of, way_of
from webapp.domain.runs.kinds import options_of
from webapp.models import HourlyChange, Run
from webapp.store.database.lists import dialect_of

_COLUMNS = ("connection_id", "hour", "run_id", "direction", "changes")


def add(session: Session, run: Run, now: datetime, changed: int) -> None:
    """Count what a locked run has changed; a preview changes nothing."""
    if not changed or run.is_preview:
        return
    way = way_of(run.kind, options_of(run.kind, run.options))
    if way is not None:
        values = (run.connection_id, hour_of(now), run.id, way, changed)
        session.execute(_add_statement(dialect_of(session)), dict(zip(_COLUMNS, values, strict=True)))


def since(session: Session, connection_id: int, hour: datetime) -> list[HourCount]:
    """The changes since an hour, counted by hour."""
    query = (
        select(HourlyChange.hour, HourlyChange.direction, func.sum(HourlyChange.changes))
        .where(HourlyChange.connection_id == connection_id, HourlyChange.hour >= hour)
        .group_by(HourlyChange.hour, HourlyChange.direction)
        .order_by(HourlyChange.hour)
    )
    return [HourCount(at, way, int(changes)) for at, way, changes in session.execute(query)]  # type: ignore[arg-type]


@cache
def _add_statement(dialect: str) -> Executable:
    table: Any = HourlyChange.__table__
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    insert = insert.values({name: bindparam(name, type_=table.c[name].type) for name in _COLUMNS})
    added = {"changes": table.c.changes + insert.excluded.changes}
    return insert.on_conflict_do_update(index_elements=["connection_id", "hour", "run_id"], set_=added)
