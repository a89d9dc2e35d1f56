"""Portals for the sandbox's own tests, and the two official clients pointed at them."""

from collections.abc import Iterator

import hubspot  # type: ignore[import-untyped]
import pytest
from hubspot_sdk import HubSpot

from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from tests.support.servers.webhook_receiver import Receiver


@pytest.fixture(scope="session")
def shared_portal() -> Iterator[SandboxServer]:
    """One process for all tests that can do with a reset."""
    with SandboxServer().start(companies=0, contacts=0) as server:
        yield server


@pytest.fixture
def portal(shared_portal: SandboxServer) -> SandboxServer:
    """An empty portal with default switches, no limits and no search delay."""
    shared_portal.restore_defaults()
    shared_portal.settings(search_delay_s=0)
    return shared_portal


@pytest.fixture
def client(portal: SandboxServer) -> hubspot.HubSpot:
    """The official client, unpatched, on the numbered paths."""
    found = hubspot.HubSpot(access_token=TOKEN)
    found.config["host"] = portal.url
    return found


@pytest.fixture
def sdk(portal: SandboxServer) -> Iterator[HubSpot]:
    """The newer official client, unpatched, on the dated paths; strict about what it receives."""
    with HubSpot(
        access_token=TOKEN, base_url=portal.url, max_retries=0, _strict_response_validation=True
    ) as found:
        yield found


@pytest.fixture
def receiver(sandbox: SandboxServer) -> Iterator[Receiver]:
    """Where the portal delivers its webhooks: at once, and soon again what was refused."""
    found = Receiver()
    sandbox.forget_webhooks()
    sandbox.settings(webhook_url=found.url, webhook_delay_s=0, webhook_retry_s=0.02)
    yield found
    sandbox.settings(webhook_url=None)
    found.stop()
