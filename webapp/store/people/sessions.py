"""Sessions as rows: whoever brings a token whose hash stands here is logged in, and nobody else."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.people.accounts import SEEN_EVERY, SESSION_IDLE, SESSION_LENGTH, session_lasts
from webapp.models import LoginSession, User

__all__ = [
    "LoginSession",
    "Right",
    "begin",
    "clear_old",
    "end",
    "end_one",
    "find",
    "hash_of",
    "lasting",
    "of_person",
    "renew",
    "touch",
]


class Right(NamedTuple):
    """The right by which somebody is shown a live page; it ends with the session, and with the role.

    The number of a session will not do: the next one may get it.
    """

    token_hash: str
    role: str


def hash_of(token: str) -> str:
    """The stored form of a token: tokens are long and random, so a plain hash reveals nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(
    session: Session, user_id: int, token: str, now: datetime, *, address: str, browser: tuple[str, str]
) -> LoginSession:
    """Write a session that begins now."""
    row = LoginSession(
        token_hash=hash_of(token),
        user_id=user_id,
        began_at=now,
        seen_at=now,
        address=address[:45],
        browser=browser[0],
        system=browser[1],
    )
    session.add(row)
    session.flush()
    return row


def renew(session: Session, session_id: int, token: str) -> None:
    """Let a session go on under another token alone."""
    session.execute(
        update(LoginSession).where(LoginSession.id == session_id).values(token_hash=hash_of(token))
    )


def find(session: Session, token: str, now: datetime) -> tuple[LoginSession, User] | None:
    """The session of a token with its person, unless it is over or the person was deactivated."""
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == hash_of(token), User.is_active.is_(True))
    )
    found = session.execute(query).first()
    if found is None or not session_lasts(found[0].began_at, found[0].seen_at, now):
        return None
    return found[0], found[1]


def lasting(session: Session, session_ids: Collection[int], now: datetime) -> set[Right]:
    """The rights of the sessions that have not expired and whose people may log in."""
    query = (
        select(LoginSession.token_hash, User.role, LoginSession.began_at, LoginSession.seen_at)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.id.in_(session_ids), User.is_active.is_(True))
    )
    return {
        Right(row.token_hash, row.role)
        for row in session.execute(query)
        if session_lasts(row.began_at, row.seen_at, now)
    }


def of_person(session: Session, user_id: int, now: datetime) -> list[LoginSession]:
    """The sessions that a person has, the one used last first."""
    query = select(LoginSession).where(LoginSession.user_id == user_id).order_by(LoginSession.seen_at.desc())
    return [one for one in session.scalars(query) if session_lasts(one.began_at, one.seen_at, now)]


def touch(session: Session, session_id: int, now: datetime, address: str) -> None:
    """Keep that a session is used, and from where, unless that was done within the minute."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.seen_at < now - SEEN_EVERY)
        .values(seen_at=now, address=address[:45])
    )


def end(session: Session, user_id: int, *, but: int | None = None) -> int:
    """End all of a person's sessions, perhaps but one; how many there were."""
    ended = delete(LoginSession).where(LoginSession.user_id == user_id)
    if but is not None:
        ended = ended.where(LoginSession.id != but)
    return len(session.scalars(ended.returning(LoginSession.id)).all())


def end_one(session: Session, session_id: int, *, user_id: int | None = None) -> bool:
    """End one session, only if it is that person's where one is named; False when there is none such."""
    ended = delete(LoginSession).where(LoginSession.id == session_id)
    if user_id is not None:
        ended = ended.where(LoginSession.user_id == user_id)
    return session.scalar(ended.returning(LoginSession.id)) is not None


def clear_old(session: Session, now: datetime) -> None:
    """Clear away the sessions that are over."""
    is_over = or_(
        LoginSession.began_at < now - SESSION_LENGTH, LoginSession.seen_at < now - SESSION_IDLE - SEEN_EVERY
    )
    session.execute(delete(LoginSession).where(is_over))
