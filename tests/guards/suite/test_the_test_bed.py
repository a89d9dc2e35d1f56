"""The fixtures themselves: what every other test relies on."""

from __future__ import annotations

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from redis import Redis
from sqlalchemy import create_engine, func, inspect, select, text

from tests.support.applications.app import ROOT, environment, program_environment
from tests.support.applications.program import run_to_end
from tests.support.applications.services import change_services, reading
from tests.support.databases import statement_places
from tests.support.databases.postgres import PostgresServer
from tests.support.databases.sqlite import SqliteFiles
from tests.support.servers.redis_server import absent_redis
from tests.support.servers.smtp import Mailbox
from webapp.app import services_of
from webapp.models.people.users import User
from webapp.settings import Settings, load_settings
from webapp.store.home import standing


@pytest.mark.parametrize("_time", [1, 2])
def test_every_test_begins_with_an_empty_database_and_an_empty_redis(
    app: Flask, administrator: User, redis_url: str, _time: int
) -> None:
    assert administrator.id == 1
    with app.app_context(), reading() as session:
        assert session.scalar(select(func.count(User.id))) == 1
    with Redis.from_url(redis_url) as redis:
        assert redis.dbsize() == 0
        redis.set("left", "behind")


def test_a_database_is_as_new_whatever_was_done_to_the_one_before(
    databases: SqliteFiles | PostgresServer,
) -> None:
    as_new = []
    for _ in range(2):
        with databases.fresh() as url:
            engine = create_engine(url)
            as_new.append({table: inspect(engine).get_columns(table) for table in ("users", "runs")})
            with engine.begin() as connection:
                connection.execute(text("ALTER TABLE users ADD COLUMN left_behind INTEGER"))
            engine.dispose()
    assert str(as_new[0]) == str(as_new[1])


@pytest.mark.one_database
@pytest.mark.parametrize("_time", [1, 2])
def test_what_a_test_changes_of_its_application_is_put_back(app: Flask, _time: int) -> None:
    assert (app.config["WTF_CSRF_ENABLED"], app.extensions.get("left behind")) == (False, None)
    assert services_of(app).redis.ping()
    app.config["WTF_CSRF_ENABLED"] = True
    app.extensions["left behind"] = True
    change_services(app, redis=absent_redis())


def test_what_is_asked_of_sqlite_alone_is_named_by_its_function(in_app: Flask) -> None:
    sent = statement_places.Places(set)
    with pytest.MonkeyPatch.context() as patch, in_app.app_context():
        patch.setattr(statement_places, "_sent", sent)
        with reading() as session:
            standing.read(session)
    [places] = sent.values()
    assert places == {"home/standing.py:read"}
    places_of_both = statement_places.Places(set, sqlite=places | {"runs/runs.py:get"}, postgresql=places)
    assert statement_places.only_on_sqlite(places_of_both) == ["runs/runs.py:get"]


def test_what_may_ask_sqlite_alone_is_a_function_of_the_store() -> None:
    for place in statement_places.ON_SQLITE_ALONE:
        path, _, name = place.partition(":")
        assert f"\ndef {name}(" in (ROOT / "webapp" / "store" / path).read_text(), place
    known = statement_places.Places(set, sqlite=set(statement_places.ON_SQLITE_ALONE))
    assert statement_places.only_on_sqlite(known) == []


def test_a_test_cannot_reach_the_outside() -> None:
    with pytest.raises(RuntimeError, match="connect"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))


def test_settings_survive_the_way_through_the_environment(settings: Settings) -> None:
    assert load_settings(environment(settings)) == settings


def test_a_program_begins_with_all_of_the_product_and_nothing_of_the_tests(
    settings: Settings, tmp_path: Path
) -> None:
    program = tmp_path / "shows.py"
    program.write_text("import gc, sys\nprint(*sys.modules, gc.get_freeze_count() > 100_000)")
    ended = run_to_end([str(program)], environment=program_environment(settings), folder=tmp_path)

    found = set(ended.stdout.split())
    assert {"webapp.web", "webapp.processes.workers", "gunicorn.app.wsgiapp", "True"} <= found
    assert not found & {"hypothesis", "tests.support.suite.secrets_in_output"}


def test_mail_arrives_in_the_mailbox(settings: Settings, mailbox: Mailbox) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüße", "a@example.com", "b@example.com"
    with smtplib.SMTP(settings.mail_server, settings.mail_port) as server:
        server.send_message(message)
    assert [message["Subject"] for message in mailbox.messages] == ["Grüße"]


@pytest.mark.browser
def test_the_browser_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Twinbook</h1>")
    expect(page.get_by_role("heading")).to_have_text("Twinbook")
