"""The roles and states of an account, and how long sessions last."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

Role = Literal["administrator", "member"]
AccountState = Literal["invited", "active", "deactivated"]

ROLES: tuple[Role, ...] = ("administrator", "member")
LANGUAGES = ("en", "de")

SESSION_LENGTH = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
SEEN_EVERY = timedelta(minutes=1)
"""How coarsely the last use of a session is kept."""


class Account(Struct, frozen=True):
    """The facts that decide about changes of an account; `has_password` if an invitation was accepted."""

    role: str
    is_active: bool
    has_password: bool

    @property
    def state(self) -> AccountState:
        """The state of the account."""
        if not self.is_active:
            return "deactivated"
        return "active" if self.has_password else "invited"

    @property
    def can_administrate(self) -> bool:
        """Whether somebody can log in as an administrator with it."""
        return self.state == "active" and self.role == "administrator"


def leaves_nobody(before: Account, after: Account, other_administrators: int) -> bool:
    """Whether a change would leave an installation that nobody can administrate."""
    return before.can_administrate and not after.can_administrate and other_administrators == 0


def session_lasts(began_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session is neither too old nor left alone too long."""
    return now - began_at <= SESSION_LENGTH and now - seen_at <= SESSION_IDLE
