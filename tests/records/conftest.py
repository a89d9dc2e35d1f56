"""What the tests of companies and contacts share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.usecases.book import Book
from webapp.models import User


@pytest.fixture
def member_client(logged_in: Callable[[User], FlaskClient], member: User) -> FlaskClient:
    """A member at work: everything about records is open to members."""
    return logged_in(member)


@pytest.fixture
def book(app: Flask, member_client: FlaskClient) -> Book:
    """The book, in a member's hands."""
    return Book(app, member_client)
