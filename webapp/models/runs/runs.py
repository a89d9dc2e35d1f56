"""Runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.runs.kinds import BULK_NAMES
from webapp.models.base import Base, UtcDateTime, json_data

_IS_BULK = f"kind IN ({', '.join(repr(name) for name in BULK_NAMES)})"
_RUNS = "state = 'running' AND subject IS NOT NULL"
_WAITS = "state = 'queued' AND subject IS NOT NULL"


class Run(Base):
    """One execution of one of the kinds in `webapp.domain.runs.kinds`.

    The partial unique indexes are the rule "one bulk run of a connection works at a time, one more of each
    kind may wait", and the same for one record's pushes: no lock elsewhere says it again.

    Attributes:
        subject: the record that the run is about alone, as `contacts/17`; None for a bulk run.
        trigger: `button`, `command`, `schedule`, `notice` (a webhook event) or `edit`.
        state: queued, running, finished, failed or cancelled.
        options: what `webapp.domain.runs.options` describes for each kind.
        approval: of an automatic run that would change very much, `asked` for or `given`; else None.
        question: what an administrator has to decide about: `{"changed", "links", "samples"}`; of a run that
            waits for the answer to another one's question, `{"asked_by"}`: that run.
        checkpoint: where the next slice goes on: `{"phase", "after", …}`; saved with the rows it describes.
        counts: `{"companies": {outcome: n}, "contacts": {…}, "associations": {…}}`.
        parts: the same of parts of an outcome that have a name (`webapp.domain.runs.endings`); None where
            none occurred.
        totals: how many records are expected, by object type, where known.
        fence: rises whenever a slice is queued; a slice with an older number can write nothing.
        touched_at: the last sign of progress, by which the sweep finds abandoned runs.
        not_before, waiting_for: the run waits, until when and for what.
        attempts, waiting_since: how often it waited, and since when, without any progress in between.
        error: why it failed: a stable name.
        error_text: further details, also where an automatic run waits because it was refused: HubSpot's
            own text, or a stored `webapp.errors.Problem`.
        allowed_seq: the last entry of the log whose changes an administrator has allowed.
        newest_edit_id: the newest edit when the run was requested; a pull keeps what was edited later. A pull
            from before this column has none, and keeps all that was not sent.
        request_id: of the request by which a person started it, as the request log has it.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "uq_runs_one_running",
            "connection_id",
            unique=True,
            sqlite_where=text(f"state = 'running' AND {_IS_BULK}"),
            postgresql_where=text(f"state = 'running' AND {_IS_BULK}"),
        ),
        Index(
            "uq_runs_one_waiting",
            "connection_id",
            "kind",
            "is_preview",
            unique=True,
            sqlite_where=text(f"state = 'queued' AND {_IS_BULK}"),
            postgresql_where=text(f"state = 'queued' AND {_IS_BULK}"),
        ),
        Index(
            "uq_runs_one_running_of_subject",
            "connection_id",
            "subject",
            unique=True,
            sqlite_where=text(_RUNS),
            postgresql_where=text(_RUNS),
        ),
        Index(
            "uq_runs_one_waiting_of_subject",
            "connection_id",
            "subject",
            unique=True,
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
        Index(None, "state", "id"),
        # The latest runs of a kind are looked up by every automatic one.
        Index("ix_runs_connection_id", "connection_id", "kind", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[str] = mapped_column(String(20))
    trigger: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    is_preview: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict[str, Any]] = mapped_column(json_data())
    approval: Mapped[str | None] = mapped_column(String(10))
    question: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checkpoint: Mapped[dict[str, Any]] = mapped_column(json_data())
    counts: Mapped[dict[str, Any]] = mapped_column(json_data())
    parts: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    totals: Mapped[dict[str, Any]] = mapped_column(json_data())
    last_seq: Mapped[int] = mapped_column(default=0)
    api_calls: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_for: Mapped[str | None] = mapped_column(String(40))
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(60))
    error_text: Mapped[str | None] = mapped_column(Text)
    newest_edit_id: Mapped[int | None]
    allowed_seq: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    request_id: Mapped[str | None] = mapped_column(String(64))
