"""The origin of a run, and what it means for its slices."""

from msgspec import Struct


class RunOrigin(Struct, frozen=True):
    """The origin of a run.

    Attributes:
        is_urgent: whether a person waits for its end: its calls to HubSpot go before others.
        waits_when_refused: whether it is tried again after an error that does not pass: nobody restarts it.
    """

    is_urgent: bool
    waits_when_refused: bool


REQUESTED = RunOrigin(is_urgent=False, waits_when_refused=False)
"""A person, for everything or for much."""

ONE_RECORD = RunOrigin(is_urgent=True, waits_when_refused=False)
"""A person, on one record's page."""

AUTOMATIC = RunOrigin(is_urgent=False, waits_when_refused=True)
"""Nobody: a webhook event, an edit or the schedule."""


def origin_of(*, is_automatic: bool, subject: str | None) -> RunOrigin:
    """The origin of a run.

    Args:
        is_automatic: Whether its trigger is one that no person pulls.
        subject: The record that it is about alone.
    """
    if subject is not None:
        return ONE_RECORD
    return AUTOMATIC if is_automatic else REQUESTED
