"""When a run goes on after temporary trouble, when it gives up, and which one a person may continue."""

from datetime import datetime, timedelta

ACCOUNT_TROUBLES = (
    "missing_scopes",
    "account_moved",
    "plan_expired",
    "account_refused",
    "app_refused",
    "tls_trouble",
)
"""What keeps a whole account from being synced although nobody has ended its access."""
BLOCKED = "blocked"
"""What a run waits for whose calls are all refused without a word of HubSpot's."""
REFUSALS = (*ACCOUNT_TROUBLES, BLOCKED, "refused", "disconnected", "unexpected")
"""What does not pass without a person: an automatic run that meets it is tried again less and less often."""

CONTINUABLE = ("reconnect", *ACCOUNT_TROUBLES)
"""What ends a bulk run, and is mended outside of it: nothing of the run itself is wrong."""

_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_GIVES_UP_AFTER = timedelta(hours=24)
_TRIED_BY_THEN = 8
"""So often it has to have been tried; where it was not, the clock has jumped, or the machine was off."""


_WAITED_ENOUGH = 3


def is_stuck(attempts: int) -> bool:
    """Whether so many waits in a row have not helped that one object may be the cause."""
    return attempts >= _WAITED_ENOUGH


def next_try(attempts: int, now: datetime) -> datetime:
    """When to go on after so many waits in a row without progress: 1, 5, then every 15 minutes."""
    return now + _WAITS[min(attempts, len(_WAITS) - 1)]


_SPARED = 2
"""How many slices in a row may fail before the run waits."""


def next_after_nothing(attempts: int, now: datetime) -> datetime | None:
    """When to go on after this many slices in a row without effect; None: at once."""
    return None if attempts < _SPARED else next_try(attempts - _SPARED, now)


_CONFLICTS = 2
"""How many conflicts in a row others that write the same may explain; more are a mistake of ours."""


def may_pass_as_conflict(attempts: int) -> bool:
    """Whether to retry at once after a refusal by the database, given the waits in a row."""
    return attempts < _CONFLICTS


_LIMITED = 5
"""How many waits for a limit in a row are usual without any progress."""


def not_before_limit(not_before: datetime, attempts: int, now: datetime) -> datetime:
    """When to go on after a wait for HubSpot's limits: later, if such waits lead nowhere."""
    return not_before if attempts < _LIMITED else max(not_before, next_try(attempts - _LIMITED, now))


def is_hopeless(waiting_since: datetime | None, attempts: int, now: datetime) -> bool:
    """Whether a run or a mail has waited a whole day without progress, after so many attempts."""
    has_waited = waiting_since is not None and now - waiting_since >= _GIVES_UP_AFTER
    return has_waited and attempts >= _TRIED_BY_THEN


def may_continue(state: str, error: str | None, *, is_latest: bool, is_usable: bool) -> bool:
    """Whether a bulk run that is no preview goes on where it stopped, when a person wants it to.

    Args:
        state: The run's state.
        error: Why it failed.
        is_latest: Whether no other bulk run was begun since: what that one did would be done over.
        is_usable: Whether the connection works, and nothing keeps the account from being synced.
    """
    return state == "failed" and error in CONTINUABLE and is_latest and is_usable
