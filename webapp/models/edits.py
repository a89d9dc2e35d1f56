"""What people changed in records here; what syncs changed stands in the log of their runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class RecordEdit(Base):
    """One edit of one record, written in its transaction.

    Attributes:
        origin: `person`, `csv`, `merge` or `undo`.
        run_id: the run that an undo was.
        changes: `[[field, old, new], …]`.
    """

    __tablename__ = "record_edits"
    __table_args__ = (
        Index(None, "object_type", "record_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    origin: Mapped[str] = mapped_column(String(10))
    run_id: Mapped[int | None]
    changes: Mapped[list[Any]] = mapped_column(json_data())
