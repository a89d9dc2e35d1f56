"""What every test of a change of many records starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.pulling import connected
from tests.support.sandbox_server import SandboxServer


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected."""
    return connected()
