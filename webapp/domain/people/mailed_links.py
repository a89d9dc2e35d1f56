"""Mailed links by which a person chooses a password: what for, how long, and how many at a time."""

from datetime import datetime, timedelta
from typing import Literal

Purpose = Literal["invite", "reset"]

LINKS_LAST: dict[Purpose, timedelta] = {"invite": timedelta(days=7), "reset": timedelta(hours=1)}
"""How long a link works; mails and pages say so by `text.people.lasts_text`."""
MOST_LINKS = 3
"""How many links of one purpose lead to one person at a time; the oldest goes first."""
_CLOCKS_DIFFER = timedelta(hours=1)


def link_lasts(purpose: str, expires_at: datetime, now: datetime) -> bool:
    """Whether a link has not expired, and expires no later than one that is made now."""
    most = next((lasts for known, lasts in LINKS_LAST.items() if known == purpose), timedelta(0))
    return timedelta(0) < expires_at - now <= most + _CLOCKS_DIFFER
