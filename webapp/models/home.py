"""Counts kept for the home page: changes by the hour, and records in sync."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime


class HourlyChange(Base):
    """How many records a run created or updated in an hour (UTC): written with its log.

    Each run has rows of its own: a writer holds the lock of the run, so that no two transactions meet.

    Attributes:
        hour: its beginning.
        direction: `in` from HubSpot, or `out` to it.
    """

    __tablename__ = "hourly_changes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(3))
    changes: Mapped[int]


class InSyncCount(Base):
    """How many records of a type were in sync at the last count: counting many takes time."""

    __tablename__ = "in_sync_counts"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
