"""The log: what a run did with each record."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class LogEntry(Base):
    """How one record ended in a run. Unchanged ones are counted, not listed.

    Attributes:
        seq: 1, 2, 3 … within the run, taken from the run row in the same transaction.
        changes: `[[field, old, new], …]` as data.
        detail: what the reason needs (candidates, condition, HubSpot's error).
        is_association: whether it is about a contact's company in HubSpot, which is counted apart.
    """

    __tablename__ = "log_entries"
    __table_args__ = (
        Index(None, "object_type", "record_id", "run_id"),
        # The run page filters on the rare outcomes; the common ones need no index of their own.
        Index(
            "ix_log_entries_notable",
            "run_id",
            "outcome",
            "seq",
            sqlite_where=text("outcome NOT IN ('created', 'updated')"),
            postgresql_where=text("outcome NOT IN ('created', 'updated')"),
        ),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int | None]
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    name: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    changes: Mapped[list[Any] | None] = mapped_column(json_data())
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    is_association: Mapped[bool] = mapped_column(server_default=false())
