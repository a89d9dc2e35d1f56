"""Links, and the stretches of them that a run found unchanged or met."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class Link(Base):
    """A record and an object are the same thing. Unique on both ends.

    Attributes:
        state: `linked`, `stopped` (a person stopped it), `gone` (deleted in HubSpot), `held` (merged there
            into another linked object) or `refused` (deleted there for privacy: nothing is sent any more).
        local_seen: per mapped field, our value after the last sync.
        remote_seen: per mapped field, HubSpot's own value as it answered then (text or null).
        remote_updated_at: HubSpot's `updatedAt` of that answer.
        awaited_company: of a contact the company of its object while that is not here; the contact gets it
            once it is.
        generation: that of our last write to the object; a read of an earlier one is out of date.
    """

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "record_id"),
        UniqueConstraint("connection_id", "object_type", "remote_id"),
        # The few that do not work are listed by this.
        Index(
            "ix_links_not_linked",
            "connection_id",
            "object_type",
            "state",
            "record_id",
            sqlite_where=text("state != 'linked'"),
            postgresql_where=text("state != 'linked'"),
        ),
        # The few contacts whose company is not here are found by this when it is linked.
        Index(
            "ix_links_awaited_company",
            "connection_id",
            "awaited_company",
            sqlite_where=text("awaited_company IS NOT NULL"),
            postgresql_where=text("awaited_company IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    remote_id: Mapped[str] = mapped_column(key_text(30))
    state: Mapped[str] = mapped_column(String(20))
    local_seen: Mapped[dict[str, Any]] = mapped_column(json_data())
    remote_seen: Mapped[dict[str, Any]] = mapped_column(json_data())
    remote_updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_run_id: Mapped[int | None]
    last_outcome: Mapped[str | None] = mapped_column(String(20))
    last_reason: Mapped[str | None] = mapped_column(String(40))
    generation: Mapped[int] = mapped_column(server_default="0")
    awaited_company: Mapped[str | None] = mapped_column(String(30))


class UnchangedLinks(Base):
    """Links whose numbers follow one another and that a pull found unchanged: it writes them in one row.

    Attributes:
        at: when it found the first of them so.
    """

    __tablename__ = "unchanged_links"
    __table_args__ = (Index(None, "connection_id", "object_type", "last_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    run_id: Mapped[int]
    first_link_id: Mapped[int]
    last_link_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MetLinks(Base):
    """Links whose numbers follow one another and whose objects a comparison of everything has met."""

    __tablename__ = "met_links"
    __table_args__ = (Index(None, "connection_id", "run_id", "object_type", "first_link_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    run_id: Mapped[int]
    object_type: Mapped[str] = mapped_column(String(20))
    first_link_id: Mapped[int]
    last_link_id: Mapped[int]
