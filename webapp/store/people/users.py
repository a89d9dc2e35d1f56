"""Reading and writing the people who log in."""

from datetime import UTC, datetime

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from webapp.errors import RefusedError
from webapp.extensions import db
from webapp.models import User
from webapp.store.database.transactions import writing

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


def by_id(user_id: int) -> User | None:
    """The user with this number."""
    return db.session.get(User, user_id)


def by_email(email: str) -> User | None:
    """The user with this address, in any case."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def is_any() -> bool:
    """Whether anybody could log in at all."""
    return bool(db.session.scalar(select(exists().where(User.is_active.is_(True)))))


def add(email: str, name: str, password_hash: str, role: str) -> User:
    """Store a new user.

    Raises:
        RefusedError: `email_taken`, somebody has this address already.
    """
    user = User(
        email=email.lower(),
        name=name,
        role=role,
        password_hash=password_hash,
        is_active=True,
        session_epoch=0,
        created_at=datetime.now(UTC),
    )
    try:
        with writing() as session:
            session.add(user)
    except IntegrityError as error:
        raise RefusedError("email_taken", email=email.lower()) from error
    return user


def logged_in(user_id: int, new_hash: str | None) -> None:
    """Note a log-in, and keep the password's hash in its newer form if there is one."""
    values: dict[str, object] = {"last_login_at": datetime.now(UTC)}
    if new_hash:
        values["password_hash"] = new_hash
    with writing() as session:
        session.execute(update(User).where(User.id == user_id).values(values))


def end_sessions(user_id: int) -> None:
    """End every session that the person has anywhere."""
    with writing() as session:
        session.execute(update(User).where(User.id == user_id).values(session_epoch=User.session_epoch + 1))
