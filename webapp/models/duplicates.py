"""Possible duplicates, and the keys with which a scan finds them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class PossibleDuplicate(Base):
    """Two records that may be the same, whether or not they are linked.

    Attributes:
        lower_id, higher_id: their numbers, the lower one first.
        evidence: names of the signs, between blanks, and a blank at either end.
        sign: the leading one of them.
        strength: `certain` or `doubtful`, as the matcher has it.
        found_by: `pull`, `sync`, `scan`, `edit` or `csv`: what has found it first.
        state: `open`, `not_the_same` or `merged`.
        announced: a merge in HubSpot that may have taken effect: committed before the call, gone once the
            log of its run has it.
    """

    __tablename__ = "possible_duplicates"
    __table_args__ = (
        UniqueConstraint("object_type", "lower_id", "higher_id"),
        # The neighbours of a record are found by either end.
        Index(None, "object_type", "higher_id"),
        # The list: the strongest first.
        Index("ix_possible_duplicates_state", "state", "object_type", "points", "id"),
        # The counts beside the filters; in this order, so that no list is read by it and then sorted.
        Index(None, "strength", "sign", "object_type", "state", "id"),
        # Merges announced by a run that was cut off; a reconcile looks for them.
        Index(
            "ix_possible_duplicates_announced",
            "id",
            sqlite_where=text("announced IS NOT NULL"),
            postgresql_where=text("announced IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    object_type: Mapped[str] = mapped_column(String(20))
    lower_id: Mapped[int]
    higher_id: Mapped[int]
    evidence: Mapped[str] = mapped_column(String(1000))
    sign: Mapped[str] = mapped_column(String(40))
    points: Mapped[int]
    strength: Mapped[str] = mapped_column(String(10))
    found_by: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(15))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    announced: Mapped[dict[str, Any] | None] = mapped_column(json_data())


class ScanKey(Base):
    """A key of a record for a scan at work; deleted once the records that share it are compared."""

    __tablename__ = "scan_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    object_type: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(key_text(330), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
