"""What every test of missed changes starts from: a portal, pulled once, that tells nobody of anything."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support import pulling
from tests.support.quiet_portal import Portal
from tests.support.sandbox_server import SandboxServer


@pytest.fixture
def portal(in_app: Flask, sandbox: SandboxServer) -> Portal:
    return Portal(pulling.connected(), sandbox)
