"""Held objects and records, and decisions about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class HeldRecord(Base):
    """A record that a push could not send without guessing; it waits for a person.

    Attributes:
        detail: what the reason needs: `candidates` are `{"remote_id", "name", "evidence", "points"}` each.
        decision: a person's answer: `{"verb": "link", "remote_id"}` or `{"verb": "create"}`.
    """

    __tablename__ = "held_records"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "record_id"),
        # The list counts and pages by this alone.
        Index(None, "connection_id", "reason", "object_type", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    decision: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[int]


class KeptApart(Base):
    """A person's decision that this record and this object are not the same, for good."""

    __tablename__ = "kept_apart"
    __table_args__ = (Index(None, "object_type", "record_id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    remote_id: Mapped[str] = mapped_column(key_text(30), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HeldCandidate(Base):
    """A record in the question that a held object asks: it may be that object.

    A row counts while its object is held; those that are left behind say nothing.
    """

    __tablename__ = "held_candidates"
    __table_args__ = (Index(None, "object_type", "record_id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    remote_id: Mapped[str] = mapped_column(key_text(30), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
