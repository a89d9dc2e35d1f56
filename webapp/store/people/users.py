"""Reading and writing the people who log in."""

from datetime import UTC, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from webapp.models import User

__all__ = [
    "ADMINISTRATOR",
    "MEMBER",
    "User",
    "add",
    "by_email",
    "by_id",
    "end_sessions",
    "is_any",
    "logged_in",
]

ADMINISTRATOR = "administrator"
MEMBER = "member"


def by_id(session: Session, user_id: int) -> User | None:
    """The user with this number."""
    return session.get(User, user_id)


def by_email(session: Session, email: str) -> User | None:
    """The user with this address, in any case."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def is_any(session: Session) -> bool:
    """Whether anybody could log in at all."""
    return bool(session.scalar(select(exists().where(User.is_active.is_(True)))))


def add(session: Session, email: str, name: str, password_hash: str, role: str) -> User:
    """Write a new user; the unique index refuses a second one with this address."""
    user = User(
        email=email.lower(),
        name=name,
        role=role,
        password_hash=password_hash,
        is_active=True,
        session_epoch=0,
        created_at=datetime.now(UTC),
    )
    session.add(user)
    session.flush()
    return user


def logged_in(session: Session, user_id: int, new_hash: str | None) -> None:
    """Record a log-in, and keep the password's hash in its newer form if there is one."""
    values: dict[str, object] = {"last_login_at": datetime.now(UTC)}
    if new_hash:
        values["password_hash"] = new_hash
    session.execute(update(User).where(User.id == user_id).values(values))


def end_sessions(session: Session, user_id: int) -> None:
    """End every session that the person has anywhere."""
    session.execute(update(User).where(User.id == user_id).values(session_epoch=User.session_epoch + 1))
