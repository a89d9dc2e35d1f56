"""PostgreSQL takes no writes, as behind a failover, or ends connections: work waits and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, InternalError

from tests.support.applications.app import KEPT
from tests.support.invariants import undisturbed
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.app import services_of
from webapp.models import User
from webapp.settings import Settings
from webapp.store.database import engine
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of


class Server:
    """What an administrator of the server does, on a connection of their own."""

    def __init__(self, settings: Settings) -> None:
        url = settings.database_url.replace("+psycopg", "")
        self._connection = psycopg.connect(url, autocommit=True)

    def takes_no_writes(self) -> None:
        """As a standby; whoever is connected has to connect again."""
        self._connection.execute("ALTER DATABASE twinbook SET default_transaction_read_only = on")
        self.ends_connections()

    def takes_writes(self) -> None:
        """From new connections: those there are stay as they are, as they do with a standby's name."""
        self._connection.execute("SET default_transaction_read_only = off")
        self._connection.execute("ALTER DATABASE twinbook RESET default_transaction_read_only")

    def ends_connections(self) -> None:
        """All but this one."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = ANY(%s)",
            [[engine.APPLICATION_NAME, KEPT]],
        )

    def close(self) -> None:
        """Leave everything as it was."""
        self.takes_writes()
        self._connection.close()


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    server = Server(settings)
    yield server
    server.close()


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection counts as one that nobody has used for a while."""
    monkeypatch.setattr(engine, "IDLE_S", 0.0)


@pytest.fixture
def has_own_app() -> bool:
    """Its connections may have to be made again."""
    return True


@pytest.mark.postgresql
def test_a_pull_waits_while_the_server_takes_no_writes_and_goes_on_with_it(
    connection_id: int,
    portal: SandboxServer,
    server: Server,
    idle: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del idle
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    before = pulling.one_slice(run_id)
    server.takes_no_writes()
    run = pulling.one_slice(run_id)
    assert (run.state, run.counts) == ("running", before.counts)
    server.takes_writes()
    with suppress(InternalError):
        # The last that meets a connection of before.
        pulling.change(run_id, waiting_for=None)
    undisturbed.assert_whole(pulling.wait_is_over(run_id), expected, counts)


@pytest.mark.postgresql
def test_pages_say_so_and_store_again_once_the_server_takes_writes(
    client: FlaskClient, server: Server, administrator: User, idle: None
) -> None:
    del idle
    server.takes_no_writes()
    typed = {"email": administrator.email, "password": PASSWORD}
    answer = client.post("/login", data=typed)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "cannot be written to" in answer.text
    server.takes_writes()
    assert client.post("/login", data=typed).status_code == 303


@pytest.mark.postgresql
def test_nobody_meets_a_connection_that_ended_while_it_was_idle(
    client: FlaskClient, server: Server, administrator: User, idle: None
) -> None:
    """As behind a restart of the server, or a firewall that ends what is idle."""
    del idle
    server.ends_connections()
    typed = {"email": administrator.email, "password": PASSWORD}
    assert client.post("/login", data=typed).status_code == 303


@pytest.mark.postgresql
def test_a_page_is_whole_though_the_connection_ends_that_it_has_read_by(
    in_app: Flask, server: Server
) -> None:
    """As where a pooler or the server restarts; who reads next has a connection that stands."""
    database = services_of(in_app).database
    for _ in range(2):
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(User)) == 0
            server.ends_connections()


@pytest.mark.parametrize(
    "code", ["25006", "40001", "40P01", "53100", "53300", "57014", "57P01", "58000", "25P03"]
)
def test_trouble_is_told_by_its_code_whatever_the_language_of_the_server(code: str) -> None:
    error = psycopg.errors.lookup(code)("etwas ging schief")
    dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    wrapped = DBAPIError.instance("SELECT 1", None, error, psycopg.Error, dialect=dialect)
    assert isinstance(wrapped, TROUBLE_ERRORS)
    expected = {"25006": "read_only", "53100": "full", "57P01": "unreachable", "58000": "unreachable"}
    assert trouble_of(wrapped) == expected.get(code, "busy")
