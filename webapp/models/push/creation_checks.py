"""New objects that are checked again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class CreationCheck(Base):
    """An object created because HubSpot's lagging search found none; it is checked again.

    Written with the announcement of the create, gone with the verdict.

    Attributes:
        run_id: the push that made it, whose log is completed.
        announced_at: when the create was announced.
        not_before: when it is looked at again, by how far the search was last time.
        attempts: how often it was looked at.
        survivor_id: the object that takes its place: written before anything is moved or archived.
        moving: our object, and what moves along: `{"object_id", "ends": [[object, primary, was there], …]}`.
    """

    __tablename__ = "creation_checks"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "record_id"),
        Index(None, "connection_id", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    run_id: Mapped[int]
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    survivor_id: Mapped[str | None] = mapped_column(String(30))
    moving: Mapped[dict[str, Any] | None] = mapped_column(json_data())
