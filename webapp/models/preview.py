"""The plans of a running preview, for its later pages; deleted when it ends."""

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, json_data, key_text


class PlannedRecord(Base):
    """A record as the run would leave it: made, changed or linked.

    Attributes:
        record_id: the record's number; one that would be new has a negative one, counted down in the preview.
        remote_id: the object that it would be linked to; None for one that would be made in HubSpot.
        link_state: as in `Link`.
        values: the record's values, by field.
    """

    __tablename__ = "planned_records"
    __table_args__ = (
        Index(None, "run_id", "object_type", "remote_id"),
        Index(None, "run_id", "object_type", "email_key"),
        Index(None, "run_id", "object_type", "domain_key"),
        # Names repeat without end; with a phone or a company they are few.
        Index(None, "run_id", "object_type", "name_key", "phone_key"),
        Index(None, "run_id", "object_type", "name_key", "company_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    link_state: Mapped[str] = mapped_column(String(20))
    email_key: Mapped[str | None] = mapped_column(key_text(254))
    domain_key: Mapped[str | None] = mapped_column(key_text(253))
    phone_key: Mapped[str | None] = mapped_column(key_text(30))
    name_key: Mapped[str | None] = mapped_column(key_text(300))
    company_id: Mapped[int | None]
    values: Mapped[dict[str, Any]] = mapped_column(json_data())


class PlannedAddress(Base):
    """A further e-mail address that a contact would have, in lower case."""

    __tablename__ = "planned_addresses"
    __table_args__ = (Index(None, "run_id", "email_key", "record_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email_key: Mapped[str] = mapped_column(key_text(254), primary_key=True)


class PlannedObject(Base):
    """A company of HubSpot that would be left unlinked, with the reason."""

    __tablename__ = "planned_objects"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    remote_id: Mapped[str] = mapped_column(key_text(30), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
