"""Edits and merges of records."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
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


class MergedRecord(Base):
    """A record that was merged into another one; its row is gone, its number is never used again.

    Attributes:
        kept: what splitting the two again needs: the record as it was, its contacts and links, and what
            the other one gained. None once the log has lasted long enough.
    """

    __tablename__ = "merged_records"
    __table_args__ = (
        Index(
            "ix_merged_records_kept",
            "merged_at",
            sqlite_where=text("kept IS NOT NULL"),
            postgresql_where=text("kept IS NOT NULL"),
        ),
    )

    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    loser_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    winner_id: Mapped[int] = mapped_column(index=True)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kept: Mapped[dict[str, Any] | None] = mapped_column(json_data())
