"""Rows of the statements behind a page's facts."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import CompoundSelect

from webapp.domain.records.fields import FIELD_NAMES, ObjectType
from webapp.domain.records.values import Value
from webapp.store.database.lists import dialect_of, parameter


def listed_rows(
    session: Session, query: Select[Any] | CompoundSelect[Any], connection_id: int, **lists: Sequence[Any]
) -> Iterable[Any]:
    """What a statement of `webapp.store.pull.queries` answers, given its lists by name."""
    dialect = dialect_of(session)
    parameters = {name: parameter(dialect, values) for name, values in lists.items()}
    return session.execute(query, {"connection_id": connection_id, **parameters}).all()


def record_values(object_type: ObjectType, row: Any) -> dict[str, Value]:
    """A record's field values, custom ones as `custom.NAME`; they come first in the row."""
    names = FIELD_NAMES[object_type]
    values: dict[str, Value] = dict(zip(names, row, strict=False))
    custom = row[len(names)]
    if custom:
        values.update({f"custom.{name}": value for name, value in custom.items()})
    return values
