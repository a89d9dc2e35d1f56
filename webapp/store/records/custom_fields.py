"""Our own field definitions, between their table and the domain's plain values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.custom_fields import LONGEST
from webapp.domain.records.fields import CUSTOM, Field, FieldKind, ObjectType
from webapp.models import CustomField


class Defined(Struct, frozen=True):
    """A definition: its number, the field, and whether it is retired."""

    id: int
    object_type: ObjectType
    field: Field
    is_retired: bool

    @property
    def name(self) -> str:
        """Its name without what all custom fields begin with."""
        return self.field.name.removeprefix(CUSTOM)


def load(session: Session, object_type: ObjectType) -> tuple[Field, ...]:
    """The fields in use, in the order in which they were made."""
    return tuple(one.field for one in every(session, object_type) if not one.is_retired)


def every(session: Session, object_type: ObjectType | None = None) -> list[Defined]:
    """All definitions, of one object type or of both, the retired ones too."""
    query = select(CustomField).order_by(CustomField.id)
    if object_type is not None:
        query = query.where(CustomField.object_type == object_type)
    return [_defined(row) for row in session.scalars(query)]


def get(session: Session, field_id: int) -> Defined | None:
    """One definition, read afresh."""
    row = session.get(CustomField, field_id, populate_existing=True)
    return _defined(row) if row else None


def add(session: Session, object_type: ObjectType, field: Field) -> None:
    """Write a new definition; the unique name refuses a second one."""
    session.add(
        CustomField(
            object_type=object_type,
            name=field.name.removeprefix(CUSTOM),
            label=field.label,
            kind=field.kind,
            options=_options(field.options, field.retired),
            created_at=datetime.now(UTC),
        )
    )
    session.flush()


def change(
    session: Session,
    field_id: int,
    *,
    label: str,
    options: Sequence[str],
    retired: Sequence[str],
    is_retired: bool,
) -> None:
    """Write what may change about a definition."""
    row = session.get_one(CustomField, field_id)
    row.label, row.options, row.is_retired = label, _options(options, retired), is_retired


def _options(options: Sequence[str], retired: Sequence[str]) -> list[dict[str, object]]:
    return [{"value": value, "is_retired": value in retired} for value in options]


def _defined(row: CustomField) -> Defined:
    kind = cast("FieldKind", row.kind)
    field = Field(
        f"{CUSTOM}{row.name}",
        row.label,
        kind,
        LONGEST[kind],
        options=tuple(option["value"] for option in row.options),
        retired=tuple(option["value"] for option in row.options if option["is_retired"]),
    )
    return Defined(row.id, cast("ObjectType", row.object_type), field, row.is_retired)
