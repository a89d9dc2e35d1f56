"""Mailed links for choosing a password: single use, expiring, only their hashes kept."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.people.mailed_links import LINKS_LAST, MOST_LINKS, Purpose, link_lasts
from webapp.models import AccountLink, User
from webapp.store.people.sessions import hash_of

__all__ = ["AccountLink", "add", "clear_old", "find", "revoke", "use"]


def add(session: Session, user_id: int, purpose: Purpose, token: str, now: datetime) -> AccountLink:
    """Write a link; of several with one purpose the oldest ones stop to work."""
    ids = session.scalars(
        select(AccountLink.id)
        .where(AccountLink.user_id == user_id, AccountLink.purpose == purpose)
        .order_by(AccountLink.id.desc())
        .offset(MOST_LINKS - 1)
    ).all()
    session.execute(delete(AccountLink).where(AccountLink.id.in_(ids)))
    row = AccountLink(
        token_hash=hash_of(token), user_id=user_id, purpose=purpose, expires_at=now + LINKS_LAST[purpose]
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, token: str, now: datetime) -> tuple[AccountLink, User] | None:
    """The link of a token with its person, as long as it works."""
    query = (
        select(AccountLink, User)
        .join(User, User.id == AccountLink.user_id)
        .where(AccountLink.token_hash == hash_of(token), User.is_active.is_(True))
    )
    found = session.execute(query).first()
    if found is None or not link_lasts(found[0].purpose, found[0].expires_at, now):
        return None
    return found[0], found[1]


def use(session: Session, link_id: int) -> bool:
    """Use a link up; False when somebody has done so already."""
    used = delete(AccountLink).where(AccountLink.id == link_id).returning(AccountLink.id)
    return session.scalar(used) is not None


def revoke(session: Session, user_id: int) -> None:
    """Let no link of a person work any more."""
    session.execute(delete(AccountLink).where(AccountLink.user_id == user_id))


def clear_old(session: Session, now: datetime) -> None:
    """Clear away links that have expired."""
    session.execute(delete(AccountLink).where(AccountLink.expires_at < now))
