"""Behind PgBouncer in transaction mode everything works, once nothing is prepared on a connection."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from tests.support import pulling
from tests.support.app import application
from tests.support.factories import make_company
from tests.support.pgbouncer import pgbouncer, program
from tests.support.pushing import change_contact, give_key, pushed
from tests.support.quiet_portal import Portal
from tests.support.sandbox_server import SandboxServer
from tests.support.services import current_services
from webapp.models import Company
from webapp.services import Services
from webapp.settings import Settings

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.skipif(program() is None, reason="PgBouncer is not installed: apt-get install pgbouncer"),
]


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    url = make_url(settings.database_url)
    with pgbouncer(str(url.query["host"])) as behind:
        base = f"postgresql+psycopg://postgres@/{url.database}"
        yield replace(settings, database_url=base + behind, database_prepared_statements=False)


@pytest.fixture
def has_own_app() -> bool:
    return True


def ask_often(services: Services) -> int:
    """Ask the same from many threads, as pages do: from the sixth time on it would be prepared."""

    def ask(_: int) -> int:
        with services.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Company).where(Company.id > 0)) or 0

    with ThreadPoolExecutor(12) as threads:
        return sum(threads.map(ask, range(400)))


def test_many_who_share_few_connections_get_their_answers(in_app: Flask) -> None:
    assert in_app
    make_company()
    assert ask_often(current_services()) == 400


def ask_on_another_connection(services: Services) -> int | None:
    """Ask until it would be prepared, then once more while somebody else has that connection."""
    engine, counting = services.database.engine, select(func.count()).select_from(Company)
    with engine.connect() as first, engine.connect() as second:
        for _ in range(8):
            with first.begin():
                first.execute(counting)
        with second.begin():
            second.execute(select(1))
            with first.begin():
                return first.scalar(counting)


def test_a_statement_is_asked_on_any_connection(in_app: Flask) -> None:
    assert in_app
    assert ask_on_another_connection(current_services()) == 0


def test_with_prepared_statements_it_would_not_work(settings: Settings) -> None:
    with (
        application(replace(settings, database_prepared_statements=True)) as app,
        app.app_context(),
        pytest.raises(DBAPIError, match="prepared statement"),
    ):
        ask_on_another_connection(current_services())


def test_a_pull_and_a_push_work(in_app: Flask, sandbox: SandboxServer) -> None:
    assert in_app
    portal = Portal(pulling.connected(), sandbox)
    give_key(portal.sandbox, portal.connection_id)
    change_contact(1, phone="here")
    assert pushed(portal.connection_id).state == "finished"
    assert portal.reconciled(is_full=True).state == "finished"


def test_migrations_work(in_app: Flask) -> None:
    assert in_app
    flask_migrate.downgrade(revision="0038")
    flask_migrate.upgrade()
