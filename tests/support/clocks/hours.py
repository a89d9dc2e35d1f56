"""Moments at which no test is cut in two by the end of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine


@contextmanager
def ten_past_the_next_hour() -> Iterator[time_machine.Traveller]:
    """The time stands still, at ten past the next full hour."""
    hour = datetime.now(UTC).replace(minute=10, second=0, microsecond=0) + timedelta(hours=1)
    with time_machine.travel(hour, tick=False) as traveller:
        yield traveller
