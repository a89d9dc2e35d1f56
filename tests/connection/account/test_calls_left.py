"""A day without calls ends as soon as another access, or a person's test, finds that there are some."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.applications.services import current_services
from tests.support.usecases import pulling
from webapp.errors import RefusedError
from webapp.hubspot.errors import WaitLonger
from webapp.usecases.connection import connect, portal
from webapp.usecases.connection.budget import budget

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("in_app", "sandbox")]

_NONE_LEFT = {
    "X-HubSpot-RateLimit-Max": "190",
    "X-HubSpot-RateLimit-Daily": "1000",
    "X-HubSpot-RateLimit-Daily-Remaining": "0",
}
AGAIN: dict[str, Callable[[int], object]] = {
    "reconnected": lambda _: pulling.connected(),
    "tested": lambda connection_id: connect.test(current_services(), connection_id),
}


@pytest.mark.parametrize("again", AGAIN)
def test_it_asks_at_once(again: str) -> None:
    connection_id, services = pulling.connected(), current_services()
    row = pulling.connection_of(connection_id)
    limiter = portal.limiter_of(services, row)
    limiter.learn(_NONE_LEFT)
    with pytest.raises(WaitLonger):
        limiter.acquire(patience_s=0)
    shown = budget(services, row)
    assert (shown.daily_reserve, list(shown.paused)) == (100, ["daily_limit"])
    try:
        AGAIN[again](connection_id)
    except RefusedError as error:
        pytest.fail(f"refused: {error.problem}")
    limiter.acquire(patience_s=0)
    assert not budget(services, row).paused
