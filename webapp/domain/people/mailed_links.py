"""Mailed links by which a person chooses a password: what for, how long, and how many at a time."""

from datetime import timedelta
from typing import Literal

Purpose = Literal["invite", "reset"]

LINKS_LAST: dict[Purpose, timedelta] = {"invite": timedelta(days=7), "reset": timedelta(hours=1)}
"""How long a link works; mails and pages say so by `text.people.lasts_text`."""
MOST_LINKS = 3
"""How many links of one purpose lead to one person at a time; the oldest goes first."""
