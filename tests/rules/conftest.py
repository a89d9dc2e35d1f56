"""What every test of the rules starts from: a portal, connected, and an administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import User

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def ada(app: Flask, administrator: User, logged_in: LogIn, sandbox: SandboxServer) -> FlaskClient:
    """An administrator of a book whose portal is connected."""
    with app.app_context():
        pulling.connected()
    return logged_in(administrator)
