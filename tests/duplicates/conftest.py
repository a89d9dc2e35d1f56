"""What tests of possible duplicates start from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pulling import connected
from webapp.models import User


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:
    """The sandbox's empty portal, connected."""
    return connected()


@pytest.fixture
def pages(logged_in: Callable[[User], FlaskClient], member: User) -> FlaskClient:
    """The pages as a member sees them."""
    return logged_in(member)


@pytest.fixture
def admin_pages(logged_in: Callable[[User], FlaskClient], administrator: User) -> FlaskClient:
    """The pages as an administrator sees them."""
    return logged_in(administrator)
