"""Contacts that HubSpot has deleted for privacy, and people who were erased here."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


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


class Erasure(Base):
    """An erasure: when, by whom and how much was erased, but not who.

    Attributes:
        counts: by place, how many rows were theirs or mentioned them.
        sealed: who is erased, encrypted, until the last trace is gone.
        finished_at: when it was.
    """

    __tablename__ = "erasures"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    began_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    counts: Mapped[dict[str, Any]] = mapped_column(json_data())
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ErasedAddress(Base):
    """The digest of an erased person's e-mail address (`webapp.domain.privacy.person.address_digest`)."""

    __tablename__ = "erased_addresses"

    digest: Mapped[str] = mapped_column("mark", key_text(64), primary_key=True)
    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasures.id"))
