from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.models import User

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def pages(in_app: Flask, logged_in: LogIn, administrator: User) -> FlaskClient:
    """An administrator's browser."""
    return logged_in(administrator)
