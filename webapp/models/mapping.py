"""Which property is which field, and how a portal defines its properties."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class FieldMapping(Base):
    """Which property is which field. `direction`: both, in, out, off; `blank_policy`: ignore, clear.

    `options` are, of a choice, our options with HubSpot's; `knows_blanks` as in `domain.mapping.mapping`.
    """

    __tablename__ = "field_mappings"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(100))
    property: Mapped[str] = mapped_column(String(100))
    direction: Mapped[str] = mapped_column(String(10))
    blank_policy: Mapped[str] = mapped_column(String(10))
    is_fixed: Mapped[bool]
    options: Mapped[dict[str, str]] = mapped_column(json_data(), default=dict)
    knows_blanks: Mapped[bool] = mapped_column(default=False)


class StatusMapping(Base):
    """One row of a status table. `direction` `in`: remote value to local one; `out`: local to remote."""

    __tablename__ = "status_mappings"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "direction", "from_value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(10))
    from_value: Mapped[str] = mapped_column(String(100))
    to_value: Mapped[str] = mapped_column(String(100))


class PropertyCache(Base):
    """A portal's properties of an object type as last read.

    Attributes:
        definitions: `webapp.domain.mapping.definitions.Definitions` as data.
        read_at: when that was; None when no reading has succeeded yet.
        error: why the last reading failed, as `webapp.errors.Problem.stored` writes it; None when it did not.
        tried_at: when that reading was tried.
    """

    __tablename__ = "property_caches"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    definitions: Mapped[dict[str, Any]] = mapped_column(json_data())
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
