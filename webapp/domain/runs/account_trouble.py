"""Account troubles: states of a HubSpot account that stop all syncing although the token works."""

from datetime import datetime, timedelta

from msgspec import Struct, structs

from webapp.domain.runs.retry import next_try

RELAPSE_WITHIN = timedelta(hours=1)
"""A trouble that comes back within this time has never ended: a probe does not show everything."""


class Trouble(Struct, frozen=True, kw_only=True):
    """The latest trouble of an account.

    Attributes:
        code: its stable name.
        since: when it began.
        attempts: how often it was met, or probed.
        probe_at: when it is next probed.
        ended_at: when it ended; None while it lasts.
    """

    code: str
    since: datetime
    attempts: int
    probe_at: datetime
    ended_at: datetime | None = None


def met(latest: Trouble | None, code: str, now: datetime) -> tuple[Trouble, bool]:
    """The trouble after a call has met it, and whether the administrators need to hear of it.

    A trouble that lasts already keeps the time of its next probe, however often it is met.
    """
    if latest is None or latest.code != code or _is_long_over(latest, now):
        return Trouble(code=code, since=now, attempts=1, probe_at=next_try(0, now)), True
    if latest.ended_at is None:
        return latest, False
    # The probe that seemed to end it has set the time of the next probe.
    is_set = latest.probe_at > now
    return (structs.replace(latest, ended_at=None) if is_set else after_try(latest, now)), False


def after_try(latest: Trouble, now: datetime) -> Trouble:
    """The trouble after a failed probe: the pauses between probes grow."""
    return Trouble(
        code=latest.code,
        since=latest.since,
        attempts=latest.attempts + 1,
        probe_at=next_try(latest.attempts, now),
    )


def _is_long_over(latest: Trouble, now: datetime) -> bool:
    return latest.ended_at is not None and now - latest.ended_at >= RELAPSE_WITHIN
