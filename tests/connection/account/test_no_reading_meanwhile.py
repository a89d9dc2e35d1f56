"""While a page waits for HubSpot it holds no transaction, and so no connection to the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.usecases.connecting import PAGE, paste
from webapp.hubspot.http.transport import Transport
from webapp.services import Services


@pytest.fixture
def held(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many connections to the database were in use, call by call to HubSpot."""
    found: list[int] = []
    real = Transport._request

    def request(*given: Any) -> Any:
        found.append(services.database.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(*given)

    monkeypatch.setattr(Transport, "_request", request)
    yield found
    assert services.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.usefixtures("sandbox")
def test_pages_that_call_hubspot_hold_no_connection_to_the_database(
    ada: FlaskClient, held: list[int]
) -> None:
    assert paste(ada).status_code == 200
    for address in ("test", "key"):
        assert ada.post(f"{PAGE}/{address}").status_code == 303
    for address in (f"{PAGE}/fields", f"{PAGE}/statuses"):
        assert ada.get(address, follow_redirects=True).status_code == 200
    assert len(held) >= 8
    assert set(held) == {0}
