"""What every test of a push starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.pulling import connected
from tests.support.pushing import give_key
from tests.support.sandbox_server import SandboxServer


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    return connected()


@pytest.fixture
def with_key(connection_id: int, sandbox: SandboxServer) -> int:
    """The same, and the portal has our unique property."""
    give_key(sandbox, connection_id)
    return connection_id
