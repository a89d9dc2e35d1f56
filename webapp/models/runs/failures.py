"""Records whose latest sync failed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class FailingRecord(Base):
    """A record, an object or an association whose latest sync failed; gone once one ends otherwise.

    Attributes:
        key: what it is about: a record's number, an object's after `o`, an association's contact after `a`.
        direction: `in` or `out`: which way it failed.
        reason, property: the cause by which they are grouped; no property is "".
        detail: what the log's entry says of it.
    """

    __tablename__ = "failing_records"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "key"),
        # The list counts and pages by this alone.
        Index(None, "connection_id", "reason", "property", "object_type", "id"),
        # Lists of records, and the page of a run, ask whether any of theirs is among them.
        Index(None, "connection_id", "object_type", "record_id"),
        Index(None, "connection_id", "run_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(key_text(40))
    record_id: Mapped[int | None]
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    name: Mapped[str] = mapped_column(String(300))
    direction: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(40))
    property: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    run_id: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
