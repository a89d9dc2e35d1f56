"""What every test of failing records starts from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pushing import connected_with_key
from webapp.models import User


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's portal, connected, with our unique property."""
    return connected_with_key(sandbox)


@pytest.fixture
def pages(logged_in: Callable[[User], FlaskClient], administrator: User) -> FlaskClient:
    """The pages as an administrator sees them."""
    return logged_in(administrator)
