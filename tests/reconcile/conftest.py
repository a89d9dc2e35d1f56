"""What every test of missed changes starts from: a portal, pulled once, that tells nobody of anything."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling


@pytest.fixture
def portal(in_app: Flask, sandbox: SandboxServer) -> Portal:
    return Portal(pulling.connected(), sandbox)
