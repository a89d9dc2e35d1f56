"""Detection of missing webhook events: changes are found that no event reported."""

from datetime import datetime, timedelta

_LATE = timedelta(minutes=10)
"""How much later than its change a message may come."""
_REMEMBERED = timedelta(days=1)


def have_stopped(latest_delivery: datetime | None, latest_missed: datetime | None, now: datetime) -> bool:
    """Whether messages came once, and none has come since a change that was found without one.

    Args:
        latest_delivery: When HubSpot delivered messages last; None where it never did.
        latest_missed: When the latest change was found that no event had reported.
        now: The present time.
    """
    if latest_delivery is None or latest_missed is None or latest_missed < now - _REMEMBERED:
        return False
    return latest_missed - latest_delivery > _LATE
