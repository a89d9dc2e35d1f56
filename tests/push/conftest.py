"""What every test of a push starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import connected
from tests.support.usecases.pushing import give_key


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    return connected()


@pytest.fixture
def with_key(connection_id: int, sandbox: SandboxServer) -> int:
    """The same, and the portal has our unique property."""
    give_key(sandbox, connection_id)
    return connection_id


@pytest.fixture
def blind(with_key: int, sandbox: SandboxServer) -> int:
    """A connected portal whose search shows nothing that was made lately."""
    sandbox.settings(search_delay_s=3600)
    return with_key
