"""Which run that has failed may be continued from its checkpoint."""

from webapp.domain.runs.retry import ACCOUNT_TROUBLES

CONTINUABLE = ("reconnect", *ACCOUNT_TROUBLES)
"""What ends a bulk run, and is mended outside of it: nothing of the run itself is wrong."""


def may_continue(state: str, error: str | None, *, is_latest: bool, is_usable: bool) -> bool:
    """Whether a bulk run that is no preview goes on where it stopped, when a person wants it to.

    Args:
        state: The run's state.
        error: Why it failed.
        is_latest: Whether no other bulk run was begun since: what that one did would be done over.
        is_usable: Whether the connection works, and nothing keeps the account from being synced.
    """
    return state == "failed" and error in CONTINUABLE and is_latest and is_usable
