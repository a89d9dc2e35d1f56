"""Mails, which of them each person wants, and the lasting troubles that a mail went out about."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class NotificationChoice(Base):
    """A person's choice about a kind of notification; without a row the default applies.

    Attributes:
        kind: a name of `webapp.domain.notifications.kinds`.
        above: of a kind with a limit, above how many a mail goes out.
        chosen_at: when it was chosen: nothing from before is mailed.
    """

    __tablename__ = "notification_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    is_on: Mapped[bool]
    above: Mapped[int | None]
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RaisedNotification(Base):
    """A state that a mail went out about, while it lasts; of a summary, when the latest one went out.

    Attributes:
        user_id: whose limit is passed; 0 where the state is the same for everybody.
    """

    __tablename__ = "raised_notifications"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mail(Base):
    """A mail about a push's end, a notification or an account: a row before it is sent, so that none is lost.

    Attributes:
        run_id: the push that has ended; None where it is about something else.
        notification: the kind of notification (`webapp.domain.notifications.kinds`); None for other mails.
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
