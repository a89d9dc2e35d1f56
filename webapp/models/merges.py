"""Records that were merged into others: where their numbers lead since."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime


class MergedRecord(Base):
    """A record that lives on as another one; its own row is gone, its number is never given again."""

    __tablename__ = "merged_records"

    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    loser_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    winner_id: Mapped[int] = mapped_column(index=True)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
