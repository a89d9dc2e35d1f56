"""What every test of notices starts from: an application that knows the app's secret, and a portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.app import application
from tests.support.samples.webhook_events import APP, SECRET
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.settings import Settings


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, as an app of HubSpot's."""
    known = replace(
        settings, hubspot_client_id="client", hubspot_client_secret=SECRET, hubspot_app_id=str(APP)
    )
    with application(known, is_own=False) as made:
        yield made


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected, and pulled once."""
    return pulling.connected_and_pulled()


@pytest.fixture
def hubspot(app: Flask) -> FlaskClient:
    """Somebody without a session."""
    return app.test_client()
