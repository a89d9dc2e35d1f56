"""What every test of an undo starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pushing import connected_with_key


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected, with our unique property."""
    return connected_with_key(sandbox)
