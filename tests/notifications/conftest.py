from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.support.samples.factories import make_connection
from webapp.models import User


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time: a Wednesday at noon."""
    with time_machine.travel(datetime(2026, 12, 2, 12, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def connection_id(in_app: object, mailbox: object, administrator: User) -> int:
    """A portal that is connected, an administrator, and a mail server that keeps what comes."""
    return make_connection().id


@pytest.fixture
def week() -> timedelta:
    """Seven days."""
    return timedelta(days=7)
