"""Which mails each person wants, and the lasting troubles that a mail went out about."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime


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
