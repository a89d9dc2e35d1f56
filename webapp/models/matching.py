"""How many records share a value, and how far the keys of records follow a change of their rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class FrequencyCount(Base):
    """One count of the book's values, with which runs weigh what two records share.

    Attributes:
        records: how many records there were, by object type.
        counts: by sort, as `contacts.phone`, and value, how many records have it; the frequent values alone.
    """

    __tablename__ = "frequencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    records: Mapped[dict[str, Any]] = mapped_column(json_data())
    counts: Mapped[dict[str, Any]] = mapped_column(json_data())


class KeyRenewal(Base):
    """How far the keys of the stored records have been recomputed by a new version of their rules.

    Attributes:
        version: which, as `webapp.domain.records.keys` counts them.
        after_id: the last record that has them.
        is_done: whether all have.
    """

    __tablename__ = "key_renewals"

    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int]
    after_id: Mapped[int]
    is_done: Mapped[bool]
