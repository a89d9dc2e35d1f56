"""What a push is about to write to HubSpot."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class AnnouncedCreate(Base):
    """A create at HubSpot that may have taken effect: committed before the call, gone once its end is known.

    Attributes:
        key: the record's uuid, which finds the object again.
        run_id, fence: the run that announced it, and its slice; the log of this run gets the entry.
        changes: `[[field, null, the text sent], …]`.
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
    fence: Mapped[int]
    changes: Mapped[list[Any]] = mapped_column(json_data())
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnnouncedUpdate(Base):
    """A change that is about to be made in HubSpot, with the values before; deleted once the log has it.

    Attributes:
        run_id, fence: the run that announced it, and its slice; the log of this run tells of it.
        remote_id: the object.
        changes: `[[field, HubSpot's prior text, the text sent], …]`.
    """

    __tablename__ = "announced_updates"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    run_id: Mapped[int]
    fence: Mapped[int]
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    changes: Mapped[list[Any]] = mapped_column(json_data())


class AnnouncedAssociation(Base):
    """A change of a contact's primary company at HubSpot that is about to be made: gone once it is logged.

    Attributes:
        record_id: the contact; `object_type` is that of all tables about records.
        run_id, fence: the run that announced it, and its slice; it belongs in the log of this run, whoever
            sees that it took effect.
        remote_id: the contact's object; None where it is made together with its association.
        company_id, company_remote_id: the company that becomes the primary one; None where none does.
        prior_remote_id: the primary company until then.
        was_associated: whether the company was one of the contact's before, primary or not.
    """

    __tablename__ = "announced_associations"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    run_id: Mapped[int]
    fence: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    company_id: Mapped[int | None]
    company_remote_id: Mapped[str | None] = mapped_column(String(30))
    prior_remote_id: Mapped[str | None] = mapped_column(String(30))
    was_associated: Mapped[bool]
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
