"""Two objects in HubSpot that look alike are two records here, and a possible duplicate (B32, B52)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.support.applications.services import writing
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.webhooks.events import read_events
from webapp.models import PossibleDuplicate
from webapp.store.webhooks import inbox

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    assert sandbox.url == in_app.extensions["twinbook.services"].settings.hubspot_api_url
    return pulling.connected()


def _listed() -> list[tuple[int, int, str, str]]:
    found = pulling.all_rows(PossibleDuplicate)
    return [(one.lower_id, one.higher_id, one.state, one.found_by) for one in found]


@pytest.mark.one_database
def test_a_pull_lists_what_looks_like_another_object_once(connection_id: int, sandbox: SandboxServer) -> None:
    for name in ("Nordlicht", "Nordlicht AG"):
        sandbox.create("companies", {"name": name, "domain": "n.de", "city": "Ulm"})
    pulling.pulled(connection_id)
    assert _listed() == [(1, 2, "open", "pull")]
    pulling.pulled(connection_id)
    assert len(pulling.companies()) == 2
    assert _listed() == [(1, 2, "open", "pull")]


@pytest.mark.one_database
def test_a_preview_lists_nothing(connection_id: int, sandbox: SandboxServer) -> None:
    for name in ("Nordlicht", "Nordlicht AG"):
        sandbox.create("companies", {"name": name, "domain": "n.de", "city": "Ulm"})
    run_id = pulling.begun(connection_id)
    pulling.change(run_id, is_preview=True)
    pulling.worked_off(run_id)
    assert _listed() == []


@pytest.mark.parametrize("found_by", ["pull", "sync"])
def test_linked_records_that_hubspot_has_made_alike_are_listed_at_once(
    connection_id: int, sandbox: SandboxServer, found_by: str
) -> None:
    sandbox.create("companies", {"name": "Nordlicht", "domain": "nordlicht-verlag.de", "city": "Ulm"})
    other = sandbox.create("companies", {"name": "Birke Druck", "domain": "birke-druck.de", "city": "Ulm"})
    pulling.pulled(connection_id)
    assert _listed() == []
    sandbox.update("companies", other["id"], {"name": "Nordlicht AG", "domain": "nordlicht-verlag.de"})
    if found_by == "sync":
        events = read_events(
            [webhook_event("company.propertyChange", other["id"], propertyName="name")]
        ).events
        with writing() as session:
            inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
        pulling.looked_again(connection_id)
    else:
        pulling.pulled(connection_id)
    assert _listed() == [(1, 2, "open", found_by)]
