"""People's choices of notifications, and the recipients of each kind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.notifications.kinds import KINDS, Choice, choice_of, choices_of
from webapp.models import NotificationChoice, User
from webapp.store.database.bulk import replace_rows

_COLUMNS = ("user_id", "kind", "is_on", "above", "chosen_at")
_ADMINISTRATOR = "administrator"


class Recipient(Struct, frozen=True):
    """A person who wants a kind of notification, with what holds for them."""

    user_id: int
    email: str
    choice: Choice


def of_person(session: Session, user_id: int) -> dict[str, Choice]:
    """Whether a person gets each kind."""
    user = session.get_one(User, user_id)
    query = select(NotificationChoice).where(NotificationChoice.user_id == user_id)
    chosen = {row.kind: _choice(row) for row in session.scalars(query)}
    return choices_of(chosen, is_administrator=user.role == _ADMINISTRATOR)


def save(session: Session, user_id: int, choices: Mapping[str, Choice], now: datetime) -> None:
    """Keep what a person has chosen; `chosen_at` stays where a kind was on already."""
    before = of_person(session, user_id)
    rows = [
        (user_id, kind, one.is_on, one.above, _since(before[kind], one, now)) for kind, one in choices.items()
    ]
    table: Any = NotificationChoice.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:2], rows)


def recipients(session: Session, kind: str) -> list[Recipient]:
    """The recipients of a kind of notification: people who may log in, in the order of their numbers."""
    [known] = [one for one in KINDS if one.name == kind]
    of_kind = (NotificationChoice.user_id == User.id) & (NotificationChoice.kind == kind)
    query = select(User, NotificationChoice).outerjoin(NotificationChoice, of_kind).where(User.is_active)
    found = []
    for user, row in session.execute(query.order_by(User.id)):
        is_administrator = user.role == _ADMINISTRATOR
        choice = choice_of(known, _choice(row) if row else None, is_administrator=is_administrator)
        found += [Recipient(user.id, user.email, choice)] if choice.is_on else []
    return found


def _since(before: Choice, now_chosen: Choice, now: datetime) -> datetime:
    return before.chosen_at if before.is_on and now_chosen.is_on and before.chosen_at is not None else now


def _choice(row: NotificationChoice) -> Choice:
    return Choice(is_on=row.is_on, above=row.above, chosen_at=row.chosen_at)
