"""The key that encrypts tokens: another machine's is refused, the right one heals, a new one replaces it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, update

from tests.support.applications.app import (
    ROOT,
    application,
    make_settings,
    migrate,
    program_environment,
)
from tests.support.applications.program import run_to_end
from tests.support.applications.services import change_services, current_services, reading, writing
from tests.support.servers.sandbox_server import TOKEN, SandboxServer
from tests.support.usecases import pulling
from webapp.app import create_app, services_of
from webapp.errors import RefusedError, SettingsError, VaultError, problem
from webapp.models import AuditEntry, Installation
from webapp.processes import queue_worker
from webapp.settings import Settings
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.privacy import erasures
from webapp.store.records import installation
from webapp.usecases.connection import connect, live_calls, tokens
from webapp.usecases.operating import rotation
from webapp.usecases.runs import machinery
from webapp.vault import Vault

pytestmark = pytest.mark.one_database

OTHER_KEY = Fernet.generate_key().decode()


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what they bring about
    return pulling.connected()


def row_of(connection_id: int) -> Connection:
    with reading() as session:
        row = connections.get(session, connection_id)
    assert row is not None
    return row


def with_keys(settings: Settings, *given: str) -> Settings:
    return replace(settings, encryption_key=given)


@pytest.mark.usefixtures("connection_id")
def test_a_process_with_another_key_is_refused_and_told_what_to_copy(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"ENCRYPTION_KEY.*file encryption_key"):
        create_app(with_keys(settings, OTHER_KEY))


def test_an_unused_database_takes_the_first_key_and_refuses_another(settings: Settings) -> None:
    with application(settings) as app, app.app_context(), reading() as session:
        assert installation.key_proof(session) is not None
    with pytest.raises(SettingsError, match="ENCRYPTION_KEY"):
        create_app(with_keys(settings, OTHER_KEY))


def test_tokens_of_another_key_are_refused_where_no_proof_was_left(
    connection_id: int, settings: Settings
) -> None:
    with writing() as session:
        session.execute(update(Installation).values(key_proof=None))
    with pytest.raises(SettingsError, match="ENCRYPTION_KEY"):
        create_app(with_keys(settings, OTHER_KEY))
    with reading() as session:
        assert installation.key_proof(session) is None
    assert row_of(connection_id).state == "connected"


def test_the_right_key_heals_what_another_one_has_called_broken(
    connection_id: int, settings: Settings
) -> None:
    with writing() as session:
        connections.mark_failing(session, connection_id, problem(connections.UNREADABLE))
    with application(settings):
        pass
    assert (row_of(connection_id).state, row_of(connection_id).error) == ("connected", None)


def test_another_error_is_not_healed(connection_id: int, settings: Settings) -> None:
    with writing() as session:
        connections.mark_failing(session, connection_id, problem(connections.RECONNECT))
    with application(settings):
        pass
    assert row_of(connection_id).error == connections.RECONNECT


_WEB = ["gunicorn", "-c", "gunicorn.conf.py", "--bind", "127.0.0.1:0", "webapp:create_app()"]


@pytest.mark.usefixtures("connection_id")
@pytest.mark.parametrize(
    ("command", "code"), [(["worker.py"], 2), (["flask", "--app", "webapp", "status"], 2), (_WEB, 1)]
)
def test_programs_refuse_in_one_line(settings: Settings, command: list[str], code: int) -> None:
    ended = run_to_end(command, environment=program_environment(with_keys(settings, OTHER_KEY)), folder=ROOT)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr.count("ENCRYPTION_KEY: expected the key with which") == 1
    assert "Traceback" not in ended.stderr


def test_a_process_that_is_at_work_with_another_key_calls_nothing_broken(
    in_app: Flask, connection_id: int
) -> None:
    """It began before the database answered, or was not started again when the keys were changed."""
    right = current_services().vault
    change_services(in_app, vault=Vault((OTHER_KEY,)))
    waits = pulling.pulled(connection_id)
    assert (waits.state, waits.waiting_for) == ("running", "other_key")
    with pytest.raises(RefusedError, match="other_key"):
        connect.connect_with_token(current_services(), TOKEN, user_id=None)
    assert row_of(connection_id).state == "connected"
    change_services(in_app, vault=right)
    assert tokens.read(current_services(), connection_id).access_token == TOKEN


def test_a_worker_takes_no_job_before_the_database_has_shown_its_key(tmp_path: Path) -> None:
    """Machines start in any order, and a worker's own key is made when it is first started."""
    url = f"sqlite:///{tmp_path / 'late.db'}"
    app = create_app(make_settings(tmp_path / "second", url, encryption_key=(OTHER_KEY,)))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        migrate(url, tmp_path / "first")
        with application(make_settings(tmp_path / "first", url)):
            pass

    with pytest.raises(SettingsError, match="ENCRYPTION_KEY"):
        queue_worker.await_database(services_of(app), wait)
    services_of(app).database.dispose()
    assert len(waits) == 1


@pytest.mark.every_database
def test_after_a_rotation_the_new_key_is_enough(connection_id: int, settings: Settings) -> None:
    both = with_keys(settings, OTHER_KEY, *settings.encryption_key)
    with application(both) as app:
        answer = app.test_cli_runner().invoke(args=["keys", "rotate", "--json"])
        assert json.loads(answer.stdout) == {"connections": 1}
    with application(with_keys(settings, OTHER_KEY)) as app:
        services = services_of(app)
        row = row_of(connection_id)
        assert tokens.read(services, connection_id).access_token
        assert live_calls.of_connection(services, row).portal_id == row.portal_id
    with pytest.raises(SettingsError, match="ENCRYPTION_KEY"):
        create_app(settings)


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=[*arguments], input=typed)


@pytest.fixture
def with_lost_key(connection_id: int, settings: Settings) -> Iterator[Flask]:
    """The application of a command on a machine whose key is not that of the database."""
    assert row_of(connection_id).state == "connected"
    given = with_keys(settings, OTHER_KEY)
    app = create_app(given, with_pages=False, insists_on_key=False)
    with app.app_context():
        yield app
    services_of(app).database.dispose()
    services_of(app).redis.close()


@pytest.mark.every_database
def test_what_a_lost_key_has_encrypted_is_given_up_on_a_yes(
    with_lost_key: Flask, connection_id: int, settings: Settings
) -> None:
    refused = run(with_lost_key, "keys", "forget", typed="n\n")
    assert (refused.exit_code, row_of(connection_id).state) == (1, "connected")
    assert row_of(connection_id).portal_id in refused.stderr
    assert json.loads(run(with_lost_key, "keys", "forget", "--json").stdout)["error"] == "forget_needs_yes"
    done = run(with_lost_key, "keys", "forget", "--yes", "--json")
    assert done.exit_code == 0, done.output
    row = row_of(connection_id)
    assert json.loads(done.stdout) == {"portal_id": row.portal_id, "erasures": []}
    assert (row.state, row.access_token, row.refresh_token) == ("disconnected", None, None)
    with reading() as session:
        audited = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert audited[-2:] == ["disconnected", "key_forgotten"]
    with application(with_keys(settings, OTHER_KEY)):
        assert run(with_lost_key, "status").exit_code == 0, "the key is that of the database now"
    assert json.loads(run(with_lost_key, "keys", "forget", "--json").stdout)["error"] == "nothing_unreadable"


@pytest.mark.every_database
def test_a_key_that_somebody_works_with_is_not_forgotten(with_lost_key: Flask, connection_id: int) -> None:
    with machinery.worker_sign(services_of(with_lost_key), ("now",)):
        done = run(with_lost_key, "keys", "forget", "--yes", "--json")
    assert (json.loads(done.stdout)["error"], row_of(connection_id).state) == ("workers_run", "connected")


def test_the_key_of_the_database_is_not_forgotten(in_app: Flask, connection_id: int) -> None:
    done = run(in_app, "keys", "forget", "--yes", "--json")
    assert json.loads(done.stdout)["error"] == "nothing_unreadable"
    assert row_of(connection_id).state == "connected"


def test_the_check_says_of_another_key_what_to_do_and_calls_nothing_broken(
    with_lost_key: Flask, connection_id: int
) -> None:
    done = run(with_lost_key, "check")
    assert done.exit_code == 1
    assert "keys forget" in done.stdout
    assert row_of(connection_id).state == "connected"


@pytest.mark.every_database
def test_an_erasure_that_is_not_over_gets_the_new_key_too(connection_id: int, settings: Settings) -> None:
    assert connection_id
    old = current_services()
    with writing() as session:
        now = datetime.now(UTC)
        number = erasures.add(session, sealed=old.vault.seal("{}"), counts={}, user_id=None, now=now)
    both = with_keys(settings, OTHER_KEY, *settings.encryption_key)
    with application(both) as app:
        assert run(app, "keys", "rotate").exit_code == 0
    with reading() as session:
        row = erasures.get(session, number)
        assert row is not None
        assert Vault((OTHER_KEY,)).open(row.sealed or b"") == "{}"


def test_what_none_of_the_keys_reads_stops_a_rotation(connection_id: int) -> None:
    services = current_services()
    with writing() as session:
        row = connections.get(session, connection_id)
        assert row is not None
        row.access_token = Fernet(OTHER_KEY.encode()).encrypt(b"x")
    with pytest.raises(VaultError):
        rotation.rotate(services)
    assert row_of(connection_id).access_token
