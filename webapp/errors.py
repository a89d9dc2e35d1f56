"""The tree of exceptions. What HubSpot answers is drawn in `webapp.hubspot.errors`.

TwinbookError            everything we raise on purpose
├── SettingsError        a setting does not fit; names it and what fits
├── VaultError           a stored token cannot be decrypted with our keys
├── RefusedError         an action of a person that cannot be done now; its code is the reason
│   └── CannotGoOnError  a run that has to stop there; a person can do something about it
├── UnfitError           a typed value that does not fit its field; its code is the reason
├── FencedOffError       this slice was overtaken by a newer copy of itself and must stop writing
├── OutdatedReadError    HubSpot was written to since it was read; it is to be read again
├── OtherVersionError    a run that another version has begun, or brought so far, and this one cannot read
├── WaitLongerError      the work has to wait longer than a slice may sleep
└── NeedsApprovalError   so many changes in an automatic run: an administrator has to allow them

No text for people is written here or below the pages: what goes wrong has a stable code and the parameters
that its text names, and `webapp.text` has the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct


class Problem(Struct, frozen=True):
    """Why something is refused or has failed, as a value.

    Attributes:
        code: stable name, under which `webapp.text` has the text.
        params: what the text names; plain data where the problem is stored.
    """

    code: str
    params: dict[str, Any] = {}

    def stored(self) -> str:
        """The problem as a text for a column; `webapp.text.refusals.stored_text` reads it."""
        return msgspec.json.encode(self).decode()


def problem(code: str, **params: Any) -> Problem:
    """A problem with its parameters."""
    return Problem(code, params)


class TwinbookError(Exception):
    """Everything we raise on purpose. `retryable`: whether the same call may succeed later."""

    retryable = False


class SettingsError(TwinbookError):
    """A setting does not fit."""

    def __init__(self, name: str, fits: str) -> None:
        super().__init__(f"{name}: expected {fits}")
        self.name = name


class VaultError(TwinbookError):
    """A stored token cannot be decrypted with our keys."""


class RefusedError(TwinbookError):
    """An action of a person that cannot be done now.

    Attributes:
        reason: stable name.
        params: what its text names.
    """

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params

    @property
    def problem(self) -> Problem:
        """The same as a value."""
        return Problem(self.reason, self.params)


class CannotGoOnError(RefusedError):
    """A run has to stop where it is, and fails with this code; what it did so far stays done."""


class UnfitError(TwinbookError):
    """One value does not fit; caught where the values of a whole record or form are judged."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)


class FencedOffError(TwinbookError):
    """This slice was overtaken by a newer copy of itself, or its connection ended; it must stop writing."""


class OutdatedReadError(TwinbookError):
    """What was read of HubSpot is older than a write of ours, or another run is writing it: read it again."""

    retryable = True


class OtherVersionError(TwinbookError):
    """A run that another version of ours has begun, or brought so far, and that this one cannot read.

    While an update goes on, old and new workers take turns: the newer one goes on with it.
    """

    retryable = True
    waiting_for = "other_version"


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
        asking_run_id: the run whose question is to be answered first; None where this one asks.
    """

    def __init__(
        self,
        changed: int,
        links: int,
        *,
        samples: Sequence[dict[str, Any]] = (),
        asking_run_id: int | None = None,
    ) -> None:
        super().__init__(f"{changed} of {links} linked records would change")
        self.changed = changed
        self.links = links
        self.samples = list(samples)
        self.asking_run_id = asking_run_id
