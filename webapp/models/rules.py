"""Rules that are being tried on more records than can be counted while somebody waits."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class RuleTrial(Base):
    """A rule with what has been counted of it so far.

    Attributes:
        after_id: the last row that was counted.
        counted: `webapp.domain.rules.trial.Trial` as data.
        is_done: whether all were counted.
    """

    __tablename__ = "rule_trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(3))
    rule: Mapped[dict[str, Any]] = mapped_column(json_data())
    after_id: Mapped[int] = mapped_column(default=0)
    counted: Mapped[dict[str, Any]] = mapped_column(json_data())
    is_done: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SyncRule(Base):
    """The rule of a direction for an object type; no row means everything.

    `condition` is `{"join": "all" | "any", "conditions": [{"field", "operator", "value"}, …],
    "groups": [{"join", "conditions"}, …]}`.
    """

    __tablename__ = "sync_rules"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "direction"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(10))
    condition: Mapped[dict[str, Any]] = mapped_column(json_data())
