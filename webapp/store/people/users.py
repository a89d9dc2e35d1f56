"""Reading and writing the people who log in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from msgspec import Struct
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.people.accounts import Account
from webapp.domain.people.profile import LONGEST_EMAIL
from webapp.domain.records.values import writable
from webapp.models import LoginSession, User

__all__ = [
    "ADMINISTRATOR",
    "MEMBER",
    "PersonRow",
    "User",
    "account_of",
    "add",
    "by_email",
    "by_id",
    "change",
    "everybody",
    "is_any",
    "logged_in",
    "names",
    "other_administrators",
]

ADMINISTRATOR = "administrator"
MEMBER = "member"
_MOST_LISTED = 1000


class PersonRow(Struct, frozen=True):
    """A person as the list shows them, with the number of their sessions."""

    user: User
    account: Account
    sessions: int


def by_id(session: Session, user_id: int) -> User | None:
    """The user with this number."""
    return session.get(User, user_id)


def typed_email(text: str) -> str:
    """An address as it is kept, of what somebody types who has an account already.

    Who counts attempts, or looks for a person, does so by this: what is two people to the one must not be the
    same to the other.
    """
    return normalize("NFC", writable(text)).strip().lower()[:LONGEST_EMAIL]


def by_email(session: Session, email: str) -> User | None:
    """The user with this address, in any case."""
    return session.scalar(select(User).where(User.email == typed_email(email)))


def is_any(session: Session) -> bool:
    """Whether anybody could log in at all."""
    return bool(session.scalar(select(exists().where(User.is_active.is_(True), User.password_hash != ""))))


def everybody(session: Session) -> list[PersonRow]:
    """All people, those who may log in first, by name."""
    sessions = (
        select(LoginSession.user_id, func.count().label("number")).group_by(LoginSession.user_id).subquery()
    )
    query = (
        select(User, func.coalesce(sessions.c.number, 0))
        .outerjoin(sessions, sessions.c.user_id == User.id)
        .order_by(User.is_active.desc(), func.lower(User.name), User.id)
        .limit(_MOST_LISTED)
    )
    return [PersonRow(user, account_of(user), number) for user, number in session.execute(query)]


def names(session: Session) -> list[tuple[int, str]]:
    """Everybody's number and name, by name."""
    query = select(User.id, User.name).order_by(func.lower(User.name), User.id).limit(_MOST_LISTED)
    return [(number, name) for number, name in session.execute(query)]


def account_of(user: User) -> Account:
    """The facts that decide whether a person's account may be changed."""
    return Account(user.role, user.is_active, bool(user.password_hash))


def other_administrators(session: Session, user_id: int) -> int:
    """How many others can log in as administrators; nobody changes that before the transaction ends."""
    query = select(User).where(User.role == ADMINISTRATOR, User.is_active.is_(True)).with_for_update()
    return sum(one.id != user_id and account_of(one).can_administrate for one in session.scalars(query))


def add(session: Session, email: str, name: str, password_hash: str, role: str) -> User:
    """Write a new user; the unique index refuses a second one with this address."""
    user = User(
        email=email.lower(),
        name=name,
        role=role,
        password_hash=password_hash,
        is_active=True,
        created_at=datetime.now(UTC),
    )
    session.add(user)
    session.flush()
    return user


def change(
    session: Session, user_id: int, values: Mapping[str, Any], *, proved_hash: str | None = None
) -> bool:
    """Change columns of a user; the unique index refuses an address that somebody else has.

    Args:
        session: Its transaction.
        user_id: Whose.
        values: By column.
        proved_hash: Of the password by which somebody proved to be this user.

    Returns:
        False, and nothing is changed, where they have another password by now.
    """
    changed = update(User).where(User.id == user_id).values(**values).returning(User.id)
    if proved_hash is not None:
        changed = changed.where(User.password_hash == proved_hash, User.is_active.is_(True))
    return session.scalar(changed) is not None


def logged_in(session: Session, user_id: int, proved_hash: str, new_hash: str | None, now: datetime) -> bool:
    """Record a log-in, and the password's hash in its newer form if there is one; False as in `change`."""
    values: dict[str, object] = {"last_login_at": now}
    renewed = {"password_hash": new_hash} if new_hash else {}
    return change(session, user_id, values | renewed, proved_hash=proved_hash)
