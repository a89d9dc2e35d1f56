"""People who can log in."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from tests.support.applications.services import writing
from webapp.models.people.users import User
from webapp.usecases.people import passwords

PASSWORD = "a long enough password"


def add_user(app: Flask, email: str, name: str, role: str) -> User:
    """A person whose password is PASSWORD."""
    hashed = passwords.hashed(PASSWORD)
    with app.app_context(), writing() as session:
        user = User(email=email, name=name, role=role, password_hash=hashed, created_at=datetime.now(UTC))
        session.add(user)
    return user
