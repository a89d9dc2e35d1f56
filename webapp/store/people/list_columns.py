"""The columns that people have chosen for their lists."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import ListColumns


def chosen(session: Session, user_id: int, object_type: ObjectType) -> list[str] | None:
    """The names of the columns, in order; None where the person has not chosen any."""
    row = session.get(ListColumns, (user_id, object_type))
    return list(row.names) if row is not None else None


def choose(session: Session, user_id: int, object_type: ObjectType, names: Sequence[str] | None) -> None:
    """Keep a person's choice; None takes it back."""
    row = session.get(ListColumns, (user_id, object_type))
    if names is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(ListColumns(user_id=user_id, object_type=object_type, names=list(names)))
    else:
        row.names = list(names)
