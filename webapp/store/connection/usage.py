"""The use of HubSpot's call budget by runs, kept day by day."""

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable

from webapp.models import ApiUsage
from webapp.store.database.lists import dialect_of


class Usage(NamedTuple):
    """Calls made, and of them those that HubSpot refused with 429."""

    calls: int
    throttled: int


def add_usage(session: Session, connection_id: int, day: date, usage: Usage) -> None:
    """Count calls to HubSpot for a day (UTC).

    A refusal may be counted after its call: another thread makes calls while these are added up.
    """
    if not any(usage):
        return
    values = {"connection_id": connection_id, "day": day, **usage._asdict()}
    session.execute(_usage_statement(dialect_of(session)), values)


@cache
def _usage_statement(dialect: str) -> Executable:
    table: Any = ApiUsage.__table__
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    insert = insert.values({column.name: bindparam(column.name) for column in table.c})
    added = {name: table.c[name] + insert.excluded[name] for name in ("calls", "throttled")}
    return insert.on_conflict_do_update(index_elements=["connection_id", "day"], set_=added)
