"""Behind PgBouncer in transaction mode everything works, once nothing is prepared on a connection."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import OperationalError

from tests.support.applications.app import ROOT, application, program_environment
from tests.support.applications.services import current_services
from tests.support.databases.pgbouncer import pgbouncer, program
from tests.support.samples.factories import make_company
from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key, pushed
from webapp.app import services_of
from webapp.models import Company
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.database.trouble import trouble_of

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


@pytest.fixture
def forgetful(settings: Settings) -> Iterator[Flask]:
    """The application of somebody who has not turned prepared statements off."""
    with application(replace(settings, database_prepared_statements=True)) as app, app.app_context():
        yield app


def test_prepared_statements_that_get_lost_are_a_trouble_that_passes(forgetful: Flask) -> None:
    services = services_of(forgetful)
    with pytest.raises(OperationalError, match="prepared statement") as lost:
        ask_on_another_connection(services)
    assert trouble_of(lost.value) == "busy"
    assert ask_on_another_connection(services) == 0
    assert ask_often(services) == 0


def database_lines(app: Flask) -> list[str]:
    done = app.test_cli_runner().invoke(args=["check", "--json"])
    return [one["code"] for one in json.loads(done.stdout)["checks"] if one["what"] == "database"]


def test_the_check_says_of_a_pooler_what_to_set(
    forgetful: Flask, in_app: Flask, settings: Settings, database_url: str
) -> None:
    assert database_lines(forgetful) == ["database_fits", "database_pooled"]
    assert database_lines(in_app) == ["database_fits"]
    straight = replace(settings, database_url=database_url, database_prepared_statements=True)
    with application(straight) as app:
        assert database_lines(app) == ["database_fits"]


def test_a_pull_and_a_push_work(in_app: Flask, sandbox: SandboxServer) -> None:
    assert in_app
    portal = Portal(pulling.connected(), sandbox)
    give_key(portal.sandbox, portal.connection_id)
    change_contact(1, phone="here")
    assert pushed(portal.connection_id).state == "finished"
    assert portal.reconciled(is_full=True).state == "finished"


def test_what_copies_the_database_is_refused_and_pages_find_their_tables_afterwards(
    in_app: Flask, settings: Settings, database_url: str, tmp_path: Path
) -> None:
    """PostgreSQL's programs leave the connections that they are lent without a path to any table."""
    refused = run(in_app, "backup", tmp_path / "shared.tar")
    assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (1, "behind_pooler")
    with application(replace(settings, database_url=database_url)) as straight:
        assert run(straight, "backup", tmp_path / "straight.tar").exit_code == 0
    for option in ("--discard", "--yes"):
        refused = run(in_app, "restore", tmp_path / "straight.tar", "--yes", option)
        assert (refused.exit_code, json.loads(refused.stdout)["error"]) == (1, "behind_pooler")
    assert ask_often(services_of(in_app)) == 0


def run(app: Flask, *args: object) -> Result:
    return app.test_cli_runner().invoke(args=[*(str(one) for one in args), "--json"])


def test_an_upgrade_of_the_database_asks_for_the_server_itself(settings: Settings, database_url: str) -> None:
    command = (sys.executable, "-m", "flask", "--app", "webapp", "db", "upgrade")
    for url, exit_code, part in ((settings.database_url, 1, "the server itself"), (database_url, 0, "")):
        environment = program_environment(replace(settings, database_url=url))
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, part in done.stderr, done.stderr.count("\n") <= 1) == (exit_code, True, True)


def test_migrations_work(in_app: Flask) -> None:
    assert in_app
    flask_migrate.downgrade(revision="0038")
    flask_migrate.upgrade()
