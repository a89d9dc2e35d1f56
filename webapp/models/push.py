"""What a push must not lose: creates that may have happened, records that wait for somebody, mails."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class AnnouncedCreate(Base):
    """A create at HubSpot that may have taken effect: committed before the call, gone once that is settled.

    Attributes:
        key: the record's uuid, by which the object can be found again.
        run_id: the run that announced it.
    """

    __tablename__ = "announced_creates"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "record_id"),
        UniqueConstraint("connection_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(36))
    run_id: Mapped[int]
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnnouncedUpdate(Base):
    """What is about to be changed at HubSpot, and what it held: gone once the log tells of it.

    Attributes:
        changes: `[[field, HubSpot's prior text, the text sent], …]`.
    """

    __tablename__ = "announced_updates"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    changes: Mapped[list[Any]] = mapped_column(json_data())


class OutboxRecord(Base):
    """A linked record that was edited here since it was last sent: never values, only that it is dirty."""

    __tablename__ = "outbox_records"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime)


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


class Mail(Base):
    """A mail about a run's end: a row before it is sent, so that no trouble loses it.

    Attributes:
        state: `waiting`, `sent` or `failed`.
        attempts, not_before: how often it was tried, and when it will be again.
        error_text: what the mail server said last.
    """

    __tablename__ = "mails"
    __table_args__ = (Index(None, "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    recipient: Mapped[str] = mapped_column(key_text(254))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
