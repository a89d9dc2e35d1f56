"""Choosing the columns of one's lists."""

from collections.abc import Sequence

from webapp.domain.records.fields import ObjectType
from webapp.services import Services
from webapp.store.people import list_columns


def choose(services: Services, user_id: int, object_type: ObjectType, names: Sequence[str] | None) -> None:
    """Keep the columns that a person wants to see; None for those that everybody sees at first."""
    with services.database.writing() as session:
        list_columns.choose(session, user_id, object_type, names)
