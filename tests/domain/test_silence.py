"""When the pages say that HubSpot's messages have stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.domain.webhooks.silence import have_stopped

NOW = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("latest_delivery", "latest_missed", "stopped"),
    [
        (None, _ago(minutes=5), False),
        (_ago(hours=3), None, False),
        (_ago(hours=3), _ago(minutes=5), True),
        (_ago(minutes=5), _ago(hours=3), False),
        (_ago(minutes=14), _ago(minutes=5), False),
        (_ago(days=9), _ago(days=2), False),
    ],
    ids=["never came", "nothing missed", "stopped", "came since", "only late", "long ago"],
)
def test_messages_have_stopped_where_changes_are_found_without_any(
    latest_delivery: datetime | None, latest_missed: datetime | None, *, stopped: bool
) -> None:
    assert have_stopped(latest_delivery, latest_missed, NOW) is stopped
