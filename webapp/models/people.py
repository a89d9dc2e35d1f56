"""The people who log in: accounts, sessions, mailed links, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data, key_text


class User(Base):
    """A person. `role` is `administrator` or `member`; `email` is kept in lower case.

    Attributes:
        password_hash: empty until an invited person has chosen a password.
        time_zone: an IANA name such as `Europe/Berlin`; None for UTC.
        language: `en` or `de`; None for what the browser prefers.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(key_text(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginSession(Base):
    """A session that lasts: one that has ended has no row. Only the hash of its token is kept.

    Attributes:
        seen_at: its last use, to the minute.
        browser, system: what its browser says it is.
    """

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(key_text(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(40))


class AccountLink(Base):
    """A link for one person to choose a password, once. Only the hash of its token is kept.

    Attributes:
        purpose: `invite` or `reset`.
    """

    __tablename__ = "account_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(key_text(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TypedForm(Base):
    """A form that was sent after its session had ended, kept until its person has logged in.

    Attributes:
        page: the address of the page on which the form was.
        action: the address to which it was sent.
        fields: names and values, encrypted.
    """

    __tablename__ = "typed_forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(key_text(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    page: Mapped[str] = mapped_column(String(2000))
    action: Mapped[str] = mapped_column(String(2000))
    fields: Mapped[bytes] = mapped_column(LargeBinary)
    typed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """An audit entry, written in the same transaction as the action.

    Attributes:
        via: `page`, `command`, `link` or `machine`.
        area, action: names of `webapp.domain.people.audited`.
        detail: what the text of the action names.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "user_id", "at", "id"),
        Index(None, "area", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    via: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(45))
    area: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(json_data())
