"""What can go wrong, in one tree. What HubSpot answers is drawn in `webapp.hubspot.errors`.

TwinbookError            everything we raise on purpose
├── SettingsError        a setting does not fit; names it and what fits
├── VaultError           a stored token cannot be decrypted with our keys
├── RefusedError         a person asked for what cannot be done now; the message says what to do
├── FencedOffError       this slice was overtaken by a newer copy of itself and must stop writing
├── WaitLongerError      the work has to wait longer than a slice may sleep
└── NeedsApprovalError   nobody asked for so many changes: an administrator has to allow them
"""

from datetime import datetime
from typing import Any


class TwinbookError(Exception):
    """Everything we raise on purpose. `retryable` says whether the same call may succeed later."""

    retryable = False


class SettingsError(TwinbookError):
    """A setting does not fit."""

    def __init__(self, name: str, fits: str) -> None:
        super().__init__(f"{name}: expected {fits}")
        self.name = name


class VaultError(TwinbookError):
    """A stored token cannot be decrypted with our keys."""


class RefusedError(TwinbookError):
    """A person asked for what cannot be done now. `reason` is a stable name, the message is for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FencedOffError(TwinbookError):
    """This slice was overtaken by a newer copy of itself, or its connection ended; it must stop writing."""


class WaitLongerError(TwinbookError):
    """The work has to wait longer than a slice may sleep.

    Attributes:
        not_before: when to go on.
        waiting_for: stable name of what is waited for, such as `daily_limit`.
    """

    retryable = True

    def __init__(self, waiting_for: str, not_before: datetime) -> None:
        super().__init__(f"waiting for {waiting_for} until {not_before.isoformat()}")
        self.waiting_for = waiting_for
        self.not_before = not_before


class NeedsApprovalError(TwinbookError):
    """An automatic run would change so many records that an administrator has to allow it first.

    Attributes:
        changed: how many it has changed, with those that it is about to.
        links: how many records are linked.
        samples: some of those it is about to change: `{"object_type", "record_id", "name", "changes"}`.
    """

    def __init__(self, changed: int, links: int, samples: list[dict[str, Any]]) -> None:
        super().__init__(f"{changed} of {links} linked records would change")
        self.changed = changed
        self.links = links
        self.samples = samples
