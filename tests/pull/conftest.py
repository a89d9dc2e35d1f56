"""What every test of a pull starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.pulling import connected
from tests.support.sandbox_server import SandboxServer


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    return connected()
