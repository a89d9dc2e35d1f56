"""Runs and what they did: the sync log."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.runs.kinds import BULK_NAMES
from webapp.models.base import Base, UtcDateTime, json_data, key_text

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
        error_text: what is known besides, also where an automatic run waits because it was refused: HubSpot's
            own text, or a stored `webapp.errors.Problem`.
        allowed_seq: up to this entry of the log an administrator has allowed what it changed.
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


class LogEntry(Base):
    """How one record ended in a run. Unchanged ones are counted, not listed.

    Attributes:
        seq: 1, 2, 3 … within the run, taken from the run row in the same transaction.
        changes: `[[field, old, new], …]` as data.
        detail: what the reason needs (candidates, condition, HubSpot's error).
        is_association: whether it is about a contact's company in HubSpot, which is counted apart.
    """

    __tablename__ = "log_entries"
    __table_args__ = (
        Index(None, "object_type", "record_id", "run_id"),
        # The run page filters on the rare outcomes; the common ones need no index of their own.
        Index(
            "ix_log_entries_notable",
            "run_id",
            "outcome",
            "seq",
            sqlite_where=text("outcome NOT IN ('created', 'updated')"),
            postgresql_where=text("outcome NOT IN ('created', 'updated')"),
        ),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    object_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int | None]
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    name: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    changes: Mapped[list[Any] | None] = mapped_column(json_data())
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    is_association: Mapped[bool] = mapped_column(server_default=false())


class Mail(Base):
    """A mail about a push's end, a notification or an account: a row before it is sent, so that none is lost.

    Attributes:
        run_id: the push that has ended; None where it is about something else.
        notification: its kind, see `webapp.domain.notifications.kinds`; None where it is none.
        problem: why a connection stopped working, stored as `webapp.errors.Problem` does.
        purpose: `invite` or `reset`, where it brings a link to a person; the link is made when it is sent.
        params: what other notifications say, as it was when they were written.
        state: `waiting`, `sent`, `failed`, or `uncertain`: handed over, and its sender was killed before it
            could keep the server's answer.
        message_id: its `Message-ID`, made before the first try and the same in every further one.
        handed_at: when a try handed all of it to the server; None again once the answer is known.
        attempts, not_before: how often it was tried, and when it will be again.
        error_text: the mail server's last answer, a stored problem of the way to it, or `no_server`.
    """

    __tablename__ = "mails"
    __table_args__ = (Index(None, "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), unique=True)
    notification: Mapped[str | None] = mapped_column(String(30))
    problem: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(String(10))
    params: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    recipient: Mapped[str] = mapped_column(key_text(254))
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_text: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(String(300))
    handed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiUsage(Base):
    """HubSpot calls a day (UTC), with those that were answered 429."""

    __tablename__ = "api_usage"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    throttled: Mapped[int] = mapped_column(default=0)


class FailingRecord(Base):
    """A record, an object or an association whose latest sync failed; gone once one ends otherwise.

    Attributes:
        key: what it is about: a record's number, an object's after `o`, an association's contact after `a`.
        direction: `in` or `out`: which way it failed.
        reason, property: the cause by which they are grouped; no property is "".
        detail: what the log's entry says of it.
    """

    __tablename__ = "failing_records"
    __table_args__ = (
        UniqueConstraint("connection_id", "object_type", "key"),
        # The list counts and pages by this alone.
        Index(None, "connection_id", "reason", "property", "object_type", "id"),
        # Lists of records, and the page of a run, ask whether any of theirs is among them.
        Index(None, "connection_id", "object_type", "record_id"),
        Index(None, "connection_id", "run_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(key_text(40))
    record_id: Mapped[int | None]
    remote_id: Mapped[str | None] = mapped_column(key_text(30))
    name: Mapped[str] = mapped_column(String(300))
    direction: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(40))
    property: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any] | None] = mapped_column(json_data())
    run_id: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
