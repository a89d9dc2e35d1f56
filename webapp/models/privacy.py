"""Contacts that HubSpot has deleted for privacy, until an administrator has decided about the traces."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, key_text


class PrivacyDeletion(Base):
    """One contact that was deleted for privacy.

    Attributes:
        record_id: the record here, where it was linked.
        settled_at, settled_by_id: when an administrator decided what becomes of the traces, and who.
        is_erased: whether the traces were erased.
    """

    __tablename__ = "privacy_deletions"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "remote_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    remote_id: Mapped[str] = mapped_column(key_text(30))
    record_id: Mapped[int | None]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_erased: Mapped[bool] = mapped_column(default=False)
