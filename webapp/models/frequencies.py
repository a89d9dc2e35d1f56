"""How many records share a value, as counted for the matching."""

from datetime import datetime
from typing import Any

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
