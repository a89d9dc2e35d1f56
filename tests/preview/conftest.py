"""What every test of a preview starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import connected
from tests.support.usecases.pushing import give_key


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected, with our unique property."""
    number = connected()
    give_key(sandbox, number)
    return number
