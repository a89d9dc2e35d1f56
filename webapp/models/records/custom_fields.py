"""Fields that an administrator defined."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
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
