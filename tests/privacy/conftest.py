"""What every test of one person's data starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.pushing import connected_with_key
from tests.support.sandbox_server import SandboxServer


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected, with our unique property."""
    return connected_with_key(sandbox)
