"""What fields there are on either side: our own definitions, and what a portal said of its."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class CustomField(Base):
    """A field that an administrator defined; records hold its values in `custom`, under `name`.

    `options` are, of a choice, `[{"value", "is_retired"}, …]` in order. A retired field keeps its values.
    """

    __tablename__ = "custom_fields"
    __table_args__ = (UniqueConstraint("object_type", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[list[dict[str, Any]]] = mapped_column(json_data(), default=list)
    is_retired: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PropertyCache(Base):
    """A portal's properties of an object type as last read.

    Attributes:
        definitions: `webapp.domain.definitions.Definitions` as data.
        read_at: when that was; None when no reading has succeeded yet.
        error: why the last reading failed, in words; None when it did not.
        tried_at: when that was.
    """

    __tablename__ = "property_caches"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    definitions: Mapped[dict[str, Any]] = mapped_column(json_data())
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
