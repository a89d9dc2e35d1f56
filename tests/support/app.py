"""Applications for tests: made from settings, in this process or as the real programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import flask_migrate
from flask import Flask

from webapp.app import create_app
from webapp.extensions import db
from webapp.settings import Settings, complete

# Keys of a fixed value, so that nothing depends on chance; they guard nothing.
SECRET_KEY = "0" * 64
ENCRYPTION_KEY = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="


def make_settings(instance_path: Path, database_url: str, **values: object) -> Settings:
    """Complete settings for a test, with keys that are the same every time."""
    given = {"secret_key": SECRET_KEY, "encryption_key": (ENCRYPTION_KEY,), **values}
    return complete(Settings(instance_path=instance_path, database_url=database_url, **given))  # type: ignore[arg-type]


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """A real application in this process; its connections are closed at the end.

    CSRF tokens are not asked for, so that a test can post a form it has not fetched; that they are asked for
    in real life has a test of its own.
    """
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        app.extensions["twinbook.redis"].close()


def migrate(database_url: str, instance_path: Path) -> None:
    """Bring a new database to the newest revision, by the product's own migrations."""
    with application(make_settings(instance_path, database_url)) as app, app.app_context():
        flask_migrate.upgrade()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for programs started by a test."""
    texts = {field.name.upper(): _text(getattr(settings, field.name)) for field in fields(Settings)}
    return {name: text for name, text in texts.items() if text}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
