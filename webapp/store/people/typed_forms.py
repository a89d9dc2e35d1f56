"""Forms that people sent after their session had ended."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.models import TypedForm
from webapp.store.people.sessions import hash_of

__all__ = ["TypedForm", "add", "clear_old", "find", "forget"]


def add(
    session: Session,
    user_id: int,
    token: str,
    now: datetime,
    *,
    page: str,
    action: str,
    fields: bytes,
    most: int,
) -> None:
    """Keep a form; of more than so many of one person the oldest go."""
    ids = session.scalars(
        select(TypedForm.id)
        .where(TypedForm.user_id == user_id)
        .order_by(TypedForm.id.desc())
        .offset(most - 1)
    ).all()
    session.execute(delete(TypedForm).where(TypedForm.id.in_(ids)))
    session.add(
        TypedForm(
            token_hash=hash_of(token), user_id=user_id, page=page, action=action, fields=fields, typed_at=now
        )
    )


def find(session: Session, user_id: int, token: str, since: datetime) -> TypedForm | None:
    """The form of a token, if it is this person's and was typed since then."""
    return session.scalar(
        select(TypedForm).where(
            TypedForm.token_hash == hash_of(token), TypedForm.user_id == user_id, TypedForm.typed_at >= since
        )
    )


def forget(session: Session, user_id: int, token: str) -> None:
    """Forget a person's form."""
    session.execute(
        delete(TypedForm).where(TypedForm.token_hash == hash_of(token), TypedForm.user_id == user_id)
    )


def clear_old(session: Session, before: datetime) -> None:
    """Clear away what was typed before then."""
    session.execute(delete(TypedForm).where(TypedForm.typed_at < before))
