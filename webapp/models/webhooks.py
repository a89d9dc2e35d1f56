"""Webhook events that nobody has looked into yet, and counts of all that came."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, key_text


class InboxEvent(Base):
    """A verified webhook event that waits: gone in the transaction that has looked at its object.

    Attributes:
        kind: created, changed, deleted, merged, restored, privacy_deleted or associated; or look_again, which
            is no event, but puts an object here whose state rests on something that has changed here.
        property, value, source, source_id: by these an echo of our own write is recognised.
        attempts, not_before: how often its object was not readable yet, and when to look again.
    """

    __tablename__ = "inbox_notices"
    __table_args__ = (
        Index(None, "connection_id", "object_type", "remote_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    remote_id: Mapped[str] = mapped_column(key_text(30))
    kind: Mapped[str] = mapped_column(String(20))
    property: Mapped[str | None] = mapped_column(String(100))
    value: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[str] = mapped_column(String(100))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookEventCount(Base):
    """How many deliveries and events came on a day (UTC), by what became of them.

    Attributes:
        name: `deliveries`, `accepted`, `ignored` (another account or app, or nothing that is synced),
            `tests`, `echoes` (of our own writes), or `missed` (changes found without an event).
    """

    __tablename__ = "notice_counts"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    latest_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnnouncedProperty(Base):
    """A property that an event has come for: the app is subscribed to it."""

    __tablename__ = "announced_properties"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    property: Mapped[str] = mapped_column(String(100), primary_key=True)
