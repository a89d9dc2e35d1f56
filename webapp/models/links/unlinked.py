"""Objects at HubSpot that have no link."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class RemoteObject(Base):
    """An object seen at HubSpot and not linked, with the reason.

    Attributes:
        state: `held` (waits for a person), `undecided` (its pull has not decided yet), `waiting` (a contact
            whose company is not here yet), `excluded` (by the rules), `unlinked` (cannot be imported as it
            is), `skipped` (a person left it out) or `ignored` (its record was merged into another one).
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
        # Of the deleted ones, the one whose address a row of a file has.
        Index(
            "ix_remote_objects_ignored_email",
            "connection_id",
            "email_key",
            sqlite_where=text("state = 'ignored' AND email_key IS NOT NULL"),
            postgresql_where=text("state = 'ignored' AND email_key IS NOT NULL"),
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
