from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models.people.users import User


@pytest.fixture
def ada(sandbox: SandboxServer, administrator: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    """An administrator's browser; the application speaks with the sandbox portal."""
    return logged_in(administrator)


@pytest.fixture
def mem(sandbox: SandboxServer, member: User, logged_in: Callable[[User], FlaskClient]) -> FlaskClient:
    """A member's browser."""
    return logged_in(member)


@pytest.fixture(autouse=True)
def _hasty_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client repeats calls without sleeping."""
    pulling.hasty_retries(monkeypatch)
