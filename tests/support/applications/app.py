"""Applications for tests: made from settings, in this process or as the real programs."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, QueuePool, event

from webapp.app import create_app, services_of
from webapp.extensions import db
from webapp.installation import logs
from webapp.settings import Settings, complete

ROOT = Path(__file__).resolve().parents[3]
MARKED = ROOT / "tests" / "support" / "marked_secrets"
PYTHON_PATH = os.pathsep.join([str(MARKED), str(ROOT)])
"""Where every Python that a test starts finds the programs, and marks what it makes as a secret."""

# Keys of a fixed value, so that nothing depends on chance; they guard nothing.
SECRET_KEY = "5d41402abc4b2a76b9719d911017c592" * 2
ENCRYPTION_KEY = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="


def make_settings(instance_path: Path, database_url: str, **values: object) -> Settings:
    """Complete settings for a test, with keys that are the same every time."""
    given = {"secret_key": SECRET_KEY, "encryption_key": (ENCRYPTION_KEY,), **values}
    return complete(Settings(instance_path=instance_path, database_url=database_url, **given))  # type: ignore[arg-type]


KEPT = "kept by the tests"
"""What PostgreSQL calls the connections that an application keeps from one test to the next."""


class _Kept(NamedTuple):
    """An application that waits for the next test with the same settings, and what it was made with."""

    app: Flask
    config: dict[str, object]
    extensions: dict[str, object]


_MOST_KEPT = 12
_kept: OrderedDict[Settings, _Kept] = OrderedDict()


@contextmanager
def application(settings: Settings, *, is_own: bool = True) -> Iterator[Flask]:
    """A real application in this process; its connections are closed at the end.

    Making one and compiling its statements costs more than most tests do. Where it need not be the caller's
    own it is taken from, and kept for, others with the same settings; what was changed of its configuration,
    services and extensions is put back. To PostgreSQL it keeps its connections as well, whose processes know
    the tables by then.

    CSRF tokens are not asked for, so that a test can post a form it has not fetched; that they are asked for
    in real life has a test of its own.
    """
    found = None if is_own else _kept.pop(settings, None)
    kept = found or _made(settings)
    # The standard streams are others in each test.
    logs.configure(settings)
    app = kept.app
    services = services_of(app)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
        if not _has_connections_to_keep(services.database.engine):
            services.database.dispose()
        services.redis.close()
    if is_own:
        services.database.dispose()
        return
    app.config.clear()
    app.config.update(kept.config)
    app.extensions.clear()
    app.extensions.update(kept.extensions)
    _kept[settings] = kept
    if len(_kept) > _MOST_KEPT:
        _, oldest = _kept.popitem(last=False)
        services_of(oldest.app).database.dispose()


def let_go(database_url: str) -> None:
    """Have no application keep connections to a database, which is about to go."""
    for settings, kept in _kept.items():
        if settings.database_url == database_url:
            services_of(kept.app).database.dispose()


def _has_connections_to_keep(engine: Engine) -> bool:
    pool = engine.pool
    return engine.dialect.name == "postgresql" and isinstance(pool, QueuePool) and pool.checkedout() == 0


def _made(settings: Settings) -> _Kept:
    app = create_app(settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    # A request within a pushed context shares its session, and would leave to the next one what it read by.
    app.teardown_request(lambda _: db.session.remove())
    database = services_of(app).database
    event.listen(database.engine, "connect", _mark_as_kept)
    # Making it has opened one, which bears no mark.
    database.dispose()
    return _Kept(app, dict(app.config), dict(app.extensions))


def _mark_as_kept(connection: Any, _record: object) -> None:
    if hasattr(connection, "pgconn"):
        connection.execute(f"SET application_name = '{KEPT}'")
        connection.commit()


def migrate(database_url: str, instance_path: Path) -> None:
    """Bring a new database to the newest revision, by the product's own migrations."""
    with application(make_settings(instance_path, database_url)) as app, app.app_context():
        flask_migrate.upgrade()


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for programs started by a test."""
    texts = {field.name.upper(): _text(getattr(settings, field.name)) for field in fields(Settings)}
    return {name: text for name, text in texts.items() if text}


def program_environment(settings: Settings) -> dict[str, str]:
    """All of the environment of a program that a test starts: nothing of its settings comes from ours."""
    known = {field.name.upper() for field in fields(Settings)}
    inherited = {name: text for name, text in os.environ.items() if name not in known}
    return inherited | {"PYTHONPATH": PYTHON_PATH} | environment(settings)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
