"""What every test of a pull starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import connected


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    return connected()
