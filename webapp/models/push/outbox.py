"""Edits that were not sent yet."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime


class OutboxRecord(Base):
    """A linked record that was edited here since it was last sent: never values, only that it is dirty.

    Attributes:
        edited_at: when, by the clock of the machine that was edited on. For people: nothing compares it.
        version: made up at random by every edit. A row is deleted only by somebody who has read this version.
        pushed_by_run_id: the push that has been through this version, with whatever outcome, and deletes the
            row when it ends; None again with the next edit.
    """

    __tablename__ = "outbox_records"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str] = mapped_column(String(32))
    pushed_by_run_id: Mapped[int | None]
