"""The pairs: which record is which HubSpot object, and what was seen without being paired."""

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


class WriteGeneration(Base):
    """The number of our writes to a portal so far: a clock that shows whether a read is older."""

    __tablename__ = "write_generations"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    generation: Mapped[int]


class UnlinkedWrite(Base):
    """An object without link that we wrote to, archived or unlinked, and in which generation.

    Needed only while reads from before may still be applied; the rows of yesterday are deleted.
    """

    __tablename__ = "unlinked_writes"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    remote_id: Mapped[str] = mapped_column(key_text(30), primary_key=True)
    generation: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RemoteObject(Base):
    """An object seen at HubSpot and not linked, with the reason.

    Attributes:
        state: `held` (waits for a person), `waiting` (a contact whose company is not here yet), `excluded`
            (by the rules), `unlinked` (cannot be imported as it is), `skipped` (a person left it out) or
            `ignored` (its record was merged into another one).
        properties: what HubSpot held when read: its texts, by the names of our fields.
        detail: what the reason needs: the failing condition, or `candidates` with their evidence.
        decision: a person's answer that waits to be carried out: `{"verb": "link" | "apart" | "import", …}`.
    """

    __tablename__ = "remote_objects"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "remote_id"),
        # The lists of what was not linked count and page by this alone.
        Index(None, "connection_id", "state", "reason", "object_type", "id"),
        # The contacts that wait for a company are found by this when it is linked.
        Index(None, "connection_id", "company_remote_id"),
        # Decisions that are not carried out yet: few among many rows.
        Index(
            "ix_remote_objects_decided",
            "connection_id",
            "id",
            sqlite_where=text("decision IS NOT NULL"),
            postgresql_where=text("decision IS NOT NULL"),
        ),
        Index(
            "ix_remote_objects_domain_key",
            "connection_id",
            "object_type",
            "domain_key",
            sqlite_where=text("domain_key IS NOT NULL"),
            postgresql_where=text("domain_key IS NOT NULL"),
        ),
        # Of the few that are held, the one whose address a contact here has got.
        Index(
            "ix_remote_objects_held_email",
            "connection_id",
            "email_key",
            sqlite_where=text("state = 'held' AND email_key IS NOT NULL"),
            postgresql_where=text("state = 'held' AND email_key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    remote_id: Mapped[str] = mapped_column(key_text(30))
    display_name: Mapped[str] = mapped_column(String(300))
    email_key: Mapped[str | None] = mapped_column(key_text(254))
    domain_key: Mapped[str | None] = mapped_column(key_text(253))
    phone_key: Mapped[str | None] = mapped_column(key_text(30))
    name_key: Mapped[str | None] = mapped_column(key_text(300))
    company_remote_id: Mapped[str | None] = mapped_column(String(30))
    properties: Mapped[dict[str, Any]] = mapped_column(json_data())
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    decision: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    remote_updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[int | None]
