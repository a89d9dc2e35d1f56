"""What every test of a change of many records starts from."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import connected


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected."""
    return connected()


@pytest.fixture
def firms(connection_id: int) -> list[int]:
    """Three companies that are leads and not linked."""
    return [make_company(name=f"Firm {number}", domain=None, status="Lead").id for number in range(3)]
