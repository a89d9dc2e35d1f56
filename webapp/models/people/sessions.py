"""Sessions, and what was typed after one had ended."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, key_text


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
